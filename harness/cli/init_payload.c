/* SPDX-License-Identifier: Apache-2.0 */
/* init_payload.c - secret payload files of the command line become targets. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/init.h"

struct operand {
    const char *id; /* NULL: from the name of the file */
    size_t id_len;
    const char *engine; /* NULL: found out */
    const char *file;
};

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* A file whose own name looks like NAME=ENGINE:FILE is meant as it is. */
static bool split(const char *word, struct operand *ret, struct hg_error *err)
{
    size_t len = strcspn(word, "=/ :#\\\t\n");
    const char *rest = word, *colon;

    *ret = (struct operand){ .file = word };
    if (is_there(word)) {
        return access(word, R_OK) == 0 ||
               hg_fail(err, HG_E_USAGE, "%s: %s", word, strerror(errno));
    }
    if (word[len] == '=' && len > 0 && len <= 100) {
        ret->id = word;
        ret->id_len = len;
        rest = word + len + 1;
    }
    ret->file = rest;
    colon = strchr(rest, ':');
    if (colon != NULL && !is_there(rest)) {
        ret->engine = hg_init_engine(rest, (size_t)(colon - rest));
        ret->file = colon + 1;
        if (ret->engine == NULL && is_there(colon + 1)) {
            return hg_fail(err, HG_E_USAGE,
                           "%s: `%.*s` is no engine; there are mysql, postgres and mongodb",
                           word, (int)(colon - rest), rest);
        }
        ret->file = ret->engine != NULL ? colon + 1 : rest;
    }
    if (access(ret->file, R_OK) != 0) {
        return hg_fail(err, HG_E_USAGE, "%s: %s", ret->file, strerror(errno));
    }
    return true;
}

static bool has_field(const json_t *payload, const char *name)
{
    json_t *fields = json_object_get(payload, "fields"), *item;
    size_t i;

    json_array_foreach (fields, i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), name) == 0) {
            return true;
        }
    }
    return false;
}

const char *hg_init_payload_engine(const json_t *payload)
{
    if (has_field(payload, "connection_string")) {
        return "mongodb"; /* its scheme is: the probe refuses any other */
    }
    switch (json_integer_value(json_object_get(payload, "port"))) {
    case 3306:
        return "mysql";
    case 5432:
        return "postgres";
    case 27017:
        return "mongodb";
    default:
        return NULL;
    }
}

/* What the payload says and what the file is called must not contradict each other, and one of
 * them must say something: a guess would send one engine's login to another's port. */
static const char *find_engine(const struct operand *operand, const json_t *payload,
                               struct hg_error *err)
{
    const char *slash = strrchr(operand->file, '/');
    const char *inside = hg_init_payload_engine(payload);
    const char *hint = hg_init_engine_hint(slash ? slash + 1 : operand->file);

    if (operand->engine != NULL) {
        return operand->engine;
    }
    if (inside != NULL && hint != NULL && strcmp(inside, hint) != 0) {
        hg_fail(err, HG_E_USAGE,
                "%s: what is in it says %s, and its name says %s; write %s:%s or %s:%s",
                operand->file, inside, hint, inside, operand->file, hint, operand->file);
        return NULL;
    }
    if (inside == NULL && hint == NULL) {
        hg_fail(
            err, HG_E_USAGE,
            "%s: neither its port nor its name says which engine it is for; write mysql:%s, "
            "postgres:%s or mongodb:%s",
            operand->file, operand->file, operand->file, operand->file);
    }
    return inside ? inside : hint;
}

void hg_init_note_mode(struct hg_init *init, const char *file)
{
    HG_AUTO(hg_buf_done) struct hg_buf word = { 0 };
    struct stat st;

    if (stat(file, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0044) != 0) {
        hg_init_shell_word(&word, file);
        hg_init_note(init, "%s may be read by others: chmod 600 %s", file, hg_buf_text(&word));
    }
}

static void copy_if(json_t *target, const char *key, const json_t *payload, const char *from,
                    bool (*good)(const char *text))
{
    json_t *value = json_object_get(payload, from);

    if (good(json_string_value(value))) {
        json_object_set(target, key, value);
    }
}

/* "`password` and `connection_string`" of a list of texts, or of objects with a `field`. */
static void put_fields(const json_t *list, struct hg_buf *out)
{
    size_t n = json_array_size(list), i;
    json_t *item;

    json_array_foreach (list, i, item) {
        const char *name = json_string_value(
            json_is_object(item) ? json_object_get(item, "field") : item);

        hg_buf_printf(out, "%s`%s`",
                      i == 0       ? ""
                      : i + 1 == n ? " and "
                                   : ", ",
                      name ? name : "");
    }
}

static void note_fields(struct hg_init *init, const json_t *target, const json_t *list,
                        const char *what, const char *says, const char *then)
{
    HG_AUTO(hg_buf_done) struct hg_buf fields = { 0 };

    if (json_array_size(list) > 0) {
        put_fields(list, &fields);
        hg_init_note(init, "%s: %s %s %s; %s", json_string_value(json_object_get(target, "id")),
                     what, says, hg_buf_text(&fields), then);
    }
}

void hg_init_take_payload(struct hg_init *init, json_t *target, const json_t *payload,
                          const char *what)
{
    json_int_t port = json_integer_value(json_object_get(payload, "port"));

    copy_if(target, "host", payload, "host", hg_init_is_host);
    copy_if(target, "username", payload, "username", hg_init_is_name);
    copy_if(target, "database", payload, "database", hg_init_is_name);
    if (port > 0) {
        json_object_set_new(target, "port", json_integer(port));
    }
    note_fields(init, target, json_object_get(payload, "placeholders"), what,
                "still has a placeholder in", "no login is tried with it");
    note_fields(init, target, json_object_get(payload, "missing"), what, "has no",
                "no login is tried without it");
}

static bool take(struct hg_init *init, const char *word, struct hg_error *err)
{
    struct operand operand;
    struct stat st;
    json_auto_t *payload = NULL;
    json_auto_t *target = NULL;
    const char *engine;
    char *id;

    if (!split(word, &operand, err)) {
        return false;
    }
    if (stat(operand.file, &st) != 0 || !S_ISREG(st.st_mode)) {
        return hg_fail(err, HG_E_USAGE, "%s: no file that every run can read again",
                       operand.file);
    }
    payload = hg_payload_describe(
        init->dirs.items,
        &(struct hg_secret_ref){ .kind = HG_SECRET_FILE, .name = operand.file }, init->stop_fd,
        err);
    if (payload == NULL) {
        return hg_fail_in(err, "%s", operand.file);
    }
    engine = find_engine(&operand, payload, err);
    if (engine == NULL) {
        return false;
    }
    id = operand.id ? strndup(operand.id, operand.id_len) : hg_init_id(operand.file);
    target = json_pack("{s:s, s:s, s:s}", "id", id ? id : "", "engine", engine, "file",
                       operand.file);
    free(id);
    if (target == NULL) {
        return hg_fail(err, HG_E_USAGE, "%s: its name is not text in UTF-8", operand.file);
    }
    hg_init_add(init, target);
    hg_init_take_payload(init, target, payload, operand.file);
    hg_init_note_mode(init, operand.file);
    return true;
}

bool hg_init_operands(struct hg_init *init, struct hg_error *err)
{
    for (size_t i = 0; i < init->cli->n_operands; i++) {
        if (!take(init, init->cli->operands[i], err)) {
            return false;
        }
    }
    return true;
}

static bool is_loopback(const char *host)
{
    return host != NULL && (strncmp(host, "127.", 4) == 0 || strcmp(host, "localhost") == 0 ||
                            strcmp(host, "::1") == 0);
}

/* A secret whose own host is this machine: most likely a tunnel's end, and then --vantage says
 * so.
 */
void hg_init_note_loopback(struct hg_init *init)
{
    HG_AUTO(hg_buf_done) struct hg_buf names = { 0 };
    size_t i;
    json_t *t;

    json_array_foreach (init->targets, i, t) {
        if (is_loopback(json_string_value(json_object_get(t, "host")))) {
            hg_buf_printf(&names, "%s%s", names.len > 0 ? ", " : "",
                          json_string_value(json_object_get(t, "id")));
        }
    }
    if (names.len > 0 && init->vantage == NULL) {
        hg_init_note(
            init,
            "%s: the secret's own host is this machine; if that is a tunnel's end, say "
            "--vantage tunnel",
            hg_buf_text(&names));
    }
}
