/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "probes/common/internal.h"
#include "probes/common/probe.h"
#include "probes/common/secret.h"

#define MAX_CHARS     4096 /* of one string inside a value */
#define MAX_REASON    512
#define CHUNK         500
#define MAX_LINE      (1 << 20)
#define MAX_TOTAL     (8 << 20)
#define SCRUBBED_TEXT "[secret]"

/* Replaces every occurrence of a password, also where a server or a library echoes it. */
static void scrub(struct hg_buf *text, const char *password)
{
    struct hg_buf out = { 0 };
    const char *rest, *hit;
    size_t len = password ? strlen(password) : 0;

    if (len < 3 || strstr(hg_buf_text(text), password) == NULL) {
        return; /* one or two characters occur everywhere; such a password protects nothing */
    }
    rest = hg_buf_text(text);
    while ((hit = strstr(rest, password)) != NULL) {
        hg_buf_put(&out, rest, (size_t)(hit - rest));
        hg_buf_puts(&out, SCRUBBED_TEXT);
        rest = hit + len;
    }
    hg_buf_puts(&out, rest);
    hg_buf_done(text);
    *text = out;
}

void hg_probe_scrub(const struct hg_probe *probe, struct hg_buf *text)
{
    scrub(text, probe->secret ? probe->secret->password : NULL);
    scrub(text, probe->auditor ? probe->auditor->password : NULL);
}

static void clean_text(const struct hg_probe *probe, const char *bytes, size_t len, size_t max,
                       struct hg_buf *out)
{
    struct hg_buf raw = { 0 };

    /* First the password, as bytes: cleaning could hide a part of it from the search. */
    hg_buf_put(&raw, bytes, len);
    hg_probe_scrub(probe, &raw);
    hg_text_clean(out, hg_buf_text(&raw), raw.len, max);
    hg_probe_scrub(probe, out);
    hg_buf_done(&raw);
}

static json_t *clean_value(const struct hg_probe *probe, json_t *value, int depth);

static json_t *clean_object(const struct hg_probe *probe, json_t *value, int depth)
{
    json_auto_t *out = json_object();
    const char *key;
    json_t *child;

    json_object_foreach (value, key, child) {
        struct hg_buf name = { 0 };

        clean_text(probe, key, strlen(key), MAX_REASON, &name);
        json_object_set_new(out, hg_buf_text(&name), clean_value(probe, child, depth + 1));
        hg_buf_done(&name);
    }
    return hg_steal(&out);
}

static json_t *clean_value(const struct hg_probe *probe, json_t *value, int depth)
{
    if (depth > 16) {
        return json_string("(nested too deep)");
    }
    if (json_is_string(value)) {
        struct hg_buf out = { 0 };
        json_t *text;

        clean_text(probe, json_string_value(value), json_string_length(value), MAX_CHARS, &out);
        text = json_string(hg_buf_text(&out));
        hg_buf_done(&out);
        return text;
    }
    if (json_is_array(value)) {
        json_auto_t *out = json_array();
        size_t i;
        json_t *child;

        json_array_foreach (value, i, child) {
            json_array_append_new(out, clean_value(probe, child, depth + 1));
        }
        return hg_steal(&out);
    }
    return json_is_object(value) ? clean_object(probe, value, depth) : json_incref(value);
}

/* One line out; nothing more after a failed write (the parent has gone). */
static void print_line(struct hg_probe *probe, json_t *line)
{
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    size_t len = text ? strlen(text) : 0;
    struct hg_error err = { 0 };

    if (text != NULL && !probe->out_failed) {
        if (len >= MAX_LINE || probe->bytes_out + len >= MAX_TOTAL) {
            static const char too_much[] =
                "{\"fault\":\"more facts than 8 MiB: name a scope\"}\n";

            probe->out_failed = !hg_fd_write(1, "answer", too_much, sizeof(too_much) - 1,
                                             &err) ||
                                probe->bytes_out + len >= MAX_TOTAL;
        } else {
            text[len] =
                '\n'; /* json_dumps() leaves a NUL there; the length says where to stop */
            probe->out_failed = !hg_fd_write(1, "answer", text, len + 1, &err);
            probe->bytes_out += len + 1;
        }
    }
    free(text);
}

void hg_emit_stage(struct hg_probe *probe, const char *stage)
{
    json_auto_t *line = json_pack("{s:s}", "stage", stage);

    print_line(probe, line);
}

bool hg_emitted(const struct hg_probe *probe, const char *key)
{
    return json_object_get(probe->emitted, key) != NULL;
}

static void emit_line(struct hg_probe *probe, const char *key, json_t *line)
{
    json_object_set_new(probe->emitted, key, json_true());
    print_line(probe, line);
}

void hg_emit_known_by(struct hg_probe *probe, const char *key, json_t *value, bool by_auditor)
{
    json_auto_t *dirty = value;
    json_auto_t *line = NULL;

    if (dirty == NULL) {
        hg_emit_fault(probe, "%s: out of memory", key);
        return;
    }
    line = json_pack("{s:s, s:s, s:o, s:s*}", "key", key, "state", "known", "value",
                     clean_value(probe, dirty, 0), "by", by_auditor ? "auditor" : NULL);
    emit_line(probe, key, line);
}

void hg_emit_known(struct hg_probe *probe, const char *key, json_t *value)
{
    hg_emit_known_by(probe, key, value, false);
}

static void emit_chunk(struct hg_probe *probe, const char *key, json_t *items, size_t from,
                       bool complete, bool by_auditor)
{
    size_t n = json_array_size(items), to = from + CHUNK < n ? from + CHUNK : n;
    json_auto_t *chunk = json_array();
    json_auto_t *line = NULL;

    for (size_t i = from; i < to; i++) {
        json_array_append_new(chunk, clean_value(probe, json_array_get(items, i), 0));
    }
    line = json_pack("{s:s, s:s, s:{s:O, s:b}, s:s*}", "key", key, "state", "known", "value",
                     "items", chunk, "complete", complete, "by", by_auditor ? "auditor" : NULL);
    if (to < n && line != NULL) {
        json_object_set_new(line, "more", json_true());
    }
    emit_line(probe, key, line);
}

void hg_emit_list(struct hg_probe *probe, const char *key, json_t *items, bool complete,
                  bool by_auditor)
{
    json_auto_t *owned = items;
    size_t from = 0;

    do {
        emit_chunk(probe, key, owned, from, complete, by_auditor);
        from += CHUNK;
    } while (from < json_array_size(owned));
}

static void emit_state(struct hg_probe *probe, const char *key, enum hg_fact_state state,
                       const char *needs, const char *reason)
{
    struct hg_buf clean = { 0 };
    json_auto_t *line = NULL;

    clean_text(probe, reason, strlen(reason), MAX_REASON, &clean);
    line = json_pack("{s:s, s:s, s:s, s:s*}", "key", key, "state", hg_fact_state_name(state),
                     "reason", hg_buf_text(&clean), "needs", needs);
    emit_line(probe, key, line);
    hg_buf_done(&clean);
}

void hg_emit_state(struct hg_probe *probe, const char *key, enum hg_fact_state state,
                   const char *needs, const char *reason, ...)
{
    char text[2048];
    va_list ap;

    va_start(ap, reason);
    vsnprintf(text, sizeof(text), reason, ap);
    va_end(ap);
    emit_state(probe, key, state, needs, text);
}

void hg_emit_rest(struct hg_probe *probe, enum hg_fact_state state, const char *reason, ...)
{
    char text[2048];
    va_list ap;

    va_start(ap, reason);
    vsnprintf(text, sizeof(text), reason, ap);
    va_end(ap);
    for (const struct hg_fact_def *def = probe->def->facts; def->key != NULL; def++) {
        if (hg_probe_wants(probe, def->key) && !hg_emitted(probe, def->key)) {
            emit_state(probe, def->key, state, NULL, text);
        }
    }
}

void hg_emit_fault(struct hg_probe *probe, const char *fmt, ...)
{
    struct hg_buf clean = { 0 };
    json_auto_t *line = NULL;
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    clean_text(probe, text, strlen(text), MAX_REASON, &clean);
    line = json_pack("{s:s}", "fault", hg_buf_text(&clean));
    print_line(probe, line);
    hg_buf_done(&clean);
}

void hg_emit_outcome(struct hg_probe *probe, const char *what, const struct hg_outcome *outcome,
                     const char *host, int port, long long ms)
{
    struct hg_buf message = { 0 };
    char key[64];

    snprintf(key, sizeof(key), "%s.%s", probe->def->engine, what);
    if (strcmp(outcome->outcome, "local") == 0) { /* ours, and never the target's */
        hg_emit_fault(probe, "at stage %s: %s", outcome->stage, outcome->message);
        hg_emit_state(probe, key, HG_FACT_UNREACHABLE, NULL, "trouble of headgate's own: %s",
                      outcome->message);
        return;
    }
    hg_text_clean(&message, outcome->message, strlen(outcome->message), MAX_REASON);
    hg_emit_known_by(
        probe, key,
        json_pack("{s:s, s:s, s:s, s:s, s:s*, s:i, s:I}", "stage", outcome->stage, "outcome",
                  outcome->outcome, "code", outcome->code, "message", hg_buf_text(&message),
                  "host", host, "port", port, "ms", (json_int_t)ms),
        /* A refused auditor may only share the account's trouble: then it waits. */
        strcmp(what, "auditor") == 0 && strcmp(outcome->outcome, "ok") == 0);
    hg_buf_done(&message);
}
