/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "model/outcome.h"
#include "probes/common/probe.h"
#include "probes/common/sandbox.h"
#include "probes/common/secret.h"

#define MAX_REQUEST (1 << 20)

static json_t *describe_facts(const struct hg_probe_def *def)
{
    json_t *list = json_array();

    for (const struct hg_fact_def *f = def->facts; f->key != NULL; f++) {
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s*}", "key", f->key, "level",
                                              hg_level_name(f->level), "shape", f->shape,
                                              "needs", f->needs));
    }
    return list;
}

static json_t *split_words(const char *words)
{
    json_t *list = json_array();

    while (*words != '\0') {
        size_t len = strcspn(words, " ");

        json_array_append_new(list, json_stringn(words, len));
        words += len + (words[len] == ' ');
    }
    return list;
}

static int describe(const struct hg_probe_def *def)
{
    json_auto_t *statements = json_array();
    json_auto_t *doc = NULL;

    for (const struct hg_statement *s = def->statements; s->id != NULL; s++) {
        json_array_append_new(statements,
                              json_pack("{s:s, s:s, s:s, s:o, s:s*}", "id", s->id, "level",
                                        hg_level_name(s->level), "text", s->text, "facts",
                                        split_words(s->facts), "when", s->when));
    }
    doc = json_pack("{s:i, s:s, s:s, s:o, s:O}", "headgate", 1, "engine", def->engine,
                    "summary", def->summary, "facts", describe_facts(def), "statements",
                    statements);
    if (doc == NULL || json_dumpf(doc, stdout, JSON_INDENT(1)) != 0) {
        return 1;
    }
    return putchar('\n') == EOF || fflush(stdout) != 0;
}

bool hg_probe_wants(const struct hg_probe *probe, const char *key)
{
    json_t *wanted = json_object_get(probe->request, "facts"), *item;
    size_t i;

    for (const struct hg_fact_def *f = probe->def->facts; f->key != NULL; f++) {
        if (strcmp(f->key, key) == 0 && f->level > probe->level) {
            return false;
        }
    }
    json_array_foreach (wanted, i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), key) == 0) {
            return true;
        }
    }
    return false;
}

int hg_probe_left_ms(const struct hg_probe *probe, int reserve)
{
    long long left = probe->started_ms + probe->deadline_ms - hg_clock_ms() - reserve;

    return left < 1 ? 1 : (int)left;
}

int hg_probe_statement_ms(const struct hg_probe *probe)
{
    int ms = probe->deadline_ms / 4 * 3;

    return ms > 5000 ? 5000 : ms < 100 ? 100 : ms;
}

bool hg_probe_in_scope(const struct hg_probe *probe, const char *schema, const char *table)
{
    json_t *scope = json_object_get(probe->request, "scope"), *item;
    struct hg_buf name = { 0 };
    bool found = json_array_size(scope) == 0;
    size_t i;

    hg_buf_printf(&name, "%s.%s", schema, table);
    json_array_foreach (scope, i, item) {
        found = found ||
                (json_is_string(item) && hg_glob(json_string_value(item), hg_buf_text(&name)));
    }
    hg_buf_done(&name);
    return found;
}

bool hg_probe_schema_in_scope(const struct hg_probe *probe, const char *schema)
{
    json_t *scope = json_object_get(probe->request, "scope"), *item;
    size_t i;

    json_array_foreach (scope, i, item) {
        const char *pattern = json_string_value(item);
        const char *dot = pattern ? strchr(pattern, '.') : NULL;
        struct hg_buf part = { 0 };
        bool hit;

        if (dot == NULL) {
            continue;
        }
        hg_buf_put(&part, pattern, (size_t)(dot - pattern));
        hit = hg_glob(hg_buf_text(&part), schema);
        hg_buf_done(&part);
        if (hit) {
            return true;
        }
    }
    return json_array_size(scope) == 0;
}

static void read_tls(struct hg_probe *probe)
{
    static const char *const modes[] = { "verify-full", "verify-ca", "required", "off" };
    json_t *tls = json_object_get(probe->request, "tls");
    const char *mode = json_string_value(json_object_get(tls, "mode"));

    probe->tls.stated = tls != NULL;
    for (int i = 0; mode != NULL && i < (int)HG_COUNT(modes); i++) {
        if (strcmp(mode, modes[i]) == 0) {
            probe->tls.mode = i;
        }
    }
    probe->tls.ca = json_string_value(json_object_get(tls, "ca"));
    probe->tls.name = json_string_value(json_object_get(tls, "name"));
    probe->tls.cert = json_string_value(json_object_get(tls, "cert"));
    probe->tls.key = json_string_value(json_object_get(tls, "key"));
}

static bool read_request(struct hg_probe *probe)
{
    struct hg_error err = { 0 };
    struct hg_buf text = { 0 };
    json_t *connect;
    bool ok = hg_fd_read(STDIN_FILENO, "request", MAX_REQUEST, &text, &err);

    probe->request = ok ? json_loadb(hg_buf_text(&text), text.len, JSON_REJECT_DUPLICATES, NULL)
                        : NULL;
    hg_buf_done(&text);
    if (json_integer_value(json_object_get(probe->request, "headgate")) != 1) {
        fprintf(stderr,
                "headgate-probe-%s: a request of format version 1 is expected on "
                "standard input (docs/PROBES.md)\n",
                probe->def->engine);
        return false;
    }
    probe->deadline_ms = (int)json_integer_value(
        json_object_get(probe->request, "deadline_ms"));
    if (probe->deadline_ms <= 0) {
        probe->deadline_ms = 10000;
    }
    if (!hg_level_parse(json_string_value(json_object_get(probe->request, "level")),
                        &probe->level)) {
        probe->level = HG_LEVEL_LOOK;
    }
    connect = json_object_get(probe->request, "connect");
    probe->connect_host = json_string_value(json_object_get(connect, "host"));
    probe->connect_port = (int)json_integer_value(json_object_get(connect, "port"));
    read_tls(probe);
    return true;
}

/* Reads the secrets. False: no login can be tried, and the connection fact says why. */
static bool read_secrets(struct hg_probe *probe)
{
    struct hg_outcome outcome = { .stage = "secret", .outcome = "not-attempted" };
    struct hg_error err = { 0 };

    if (json_is_true(json_object_get(probe->request, "auditor"))) {
        probe->auditor = hg_secret_read(4, probe->def->engine, &err);
        if (probe->auditor == NULL) {
            snprintf(outcome.message, sizeof(outcome.message), "the auditor's secret: %s",
                     err.text);
            hg_emit_outcome(probe, "auditor", &outcome, NULL, 0, 0);
        }
    }
    err = (struct hg_error){ 0 };
    hg_emit_stage(probe, "secret");
    if (json_is_true(json_object_get(probe->request, "secret"))) {
        probe->secret = hg_secret_read(3, probe->def->engine, &err);
    } else {
        hg_fail(&err, HG_E_SYNTAX, "the plan names no secret for this target");
    }
    if (probe->secret == NULL) {
        snprintf(outcome.message, sizeof(outcome.message), "%s", err.text);
        hg_emit_state(probe, "secret.payload", HG_FACT_GARBLED, NULL, "%s", err.text);
        hg_emit_outcome(probe, "connection", &outcome, NULL, 0, 0);
        return probe->auditor != NULL;
    }
    hg_emit_known(probe, "secret.payload", json_incref(probe->secret->report));
    return true;
}

bool hg_probe_may_login(const struct hg_secret *secret, struct hg_outcome *outcome)
{
    json_t *placeholder, *missing;

    *outcome = (struct hg_outcome){ .stage = "secret", .outcome = "not-attempted" };
    if (secret == NULL) {
        snprintf(outcome->message, sizeof(outcome->message), "there is no readable secret");
        return false;
    }
    placeholder = json_array_get(json_object_get(secret->report, "placeholders"), 0);
    missing = json_array_get(json_object_get(secret->report, "missing"), 0);
    if (placeholder != NULL) {
        snprintf(outcome->message, sizeof(outcome->message),
                 "no login was attempted: the secret's `%s` still holds a placeholder",
                 json_string_value(json_object_get(placeholder, "field")));
    } else if (missing != NULL) {
        snprintf(outcome->message, sizeof(outcome->message),
                 "no login was attempted: the secret has no `%s`", json_string_value(missing));
    }
    return secret->usable;
}

bool hg_probe_comes_again(const struct hg_probe *probe, const struct hg_outcome *outcome,
                          bool greeted)
{
    return json_is_true(json_object_get(probe->request, "wait")) &&
           hg_outcome_starting(outcome->stage, outcome->outcome, greeted);
}

static void finish(struct hg_probe *probe)
{
    static const char done[] = "{\"done\":true}\n";
    struct hg_error err = { 0 };

    if (!probe->out_failed) {
        probe->out_failed = !hg_fd_write(STDOUT_FILENO, "answer", done, sizeof(done) - 1, &err);
    }
    hg_secret_free(probe->secret);
    hg_secret_free(probe->auditor);
    json_decref(probe->request);
    json_decref(probe->emitted);
}

/* `--payload`: what the payload on descriptor 3 names, and never its password. Contacts nobody.
 */
static int payload(const struct hg_probe_def *def)
{
    struct hg_probe probe = { .def = def, .started_ms = hg_clock_ms(), .deadline_ms = 10000 };
    struct hg_error err = { 0 };

    probe.emitted = json_object();
    hg_sandbox_limits(probe.deadline_ms);
    hg_sandbox_files(NULL, 0);
    probe.secret = probe.emitted ? hg_secret_read(3, NULL, &err) : NULL;
    if (probe.secret != NULL) {
        hg_emit_known(&probe, "secret.payload", json_incref(probe.secret->report));
    } else {
        hg_emit_state(&probe, "secret.payload", HG_FACT_GARBLED, NULL, "%s", err.text);
    }
    finish(&probe);
    return 0;
}

int hg_probe_main(const struct hg_probe_def *def, int argc, char **argv)
{
    struct hg_probe probe = { .def = def, .started_ms = hg_clock_ms() };
    const char *files[3];

    if (argc == 2 && strcmp(argv[1], "--describe") == 0) {
        return describe(def);
    }
    if (argc == 2 && strcmp(argv[1], "--payload") == 0) {
        return payload(def);
    }
    if (argc != 1) {
        fprintf(stderr,
                "usage: headgate-probe-%s < request.json 3< secret.json\n"
                "       headgate-probe-%s --describe\n"
                "       headgate-probe-%s --payload 3< secret.json\n",
                def->engine, def->engine, def->engine);
        return 2;
    }
    probe.emitted = json_object();
    if (probe.emitted == NULL || !read_request(&probe)) {
        json_decref(probe.emitted);
        json_decref(probe.request);
        return 2;
    }
    hg_sandbox_limits(probe.deadline_ms);
    files[0] = probe.tls.ca;
    files[1] = probe.tls.cert;
    files[2] = probe.tls.key;
    if (probe.tls.ca != NULL && access(probe.tls.ca, R_OK) != 0) {
        hg_emit_fault(&probe, "the CA file %s cannot be read", probe.tls.ca);
    } else if (!def->wants_secret || read_secrets(&probe)) {
        hg_sandbox_files(files, HG_COUNT(files));
        def->run(&probe);
    }
    hg_emit_rest(&probe, HG_FACT_UNREACHABLE, "it was not asked: no connection");
    finish(&probe);
    return 0;
}
