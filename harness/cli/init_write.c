/* SPDX-License-Identifier: Apache-2.0 */
/* init_write.c - a draft as a plan with comments. A comment that begins with a small letter is
 * a line of the plan that waits: taking its "# " away makes it one (the tests do). */
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/init.h"

static const char *text_of(const json_t *target, const char *key)
{
    return json_string_value(json_object_get(target, key));
}

/* ---- YAML ---- */

/* "7d", "10.1.0.0/29", "127.0.0.1": texts, though they begin with a digit. */
static bool is_figure(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    const char *dot = strchr(text, '.');

    return digits > 0 && (text[digits] == '.' ? strchr(dot + 1, '.') != NULL
                                              : strlen(text) == digits + 1 &&
                                                    strchr("smhdw", text[digits]) != NULL);
}

static bool is_plain(const char *text)
{
    static const char *const reserved[] = { "true", "false", "null", "yes", "no",
                                            "on",   "off",   "y",    "n" };
    const char *p = text + strspn(text, "./");

    for (size_t i = 0; i < HG_COUNT(reserved); i++) {
        if (strcasecmp(text, reserved[i]) == 0) {
            return false;
        }
    }
    return (isalpha((unsigned char)*p) || *p == '_' || is_figure(text)) &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./") ==
               strlen(text);
}

/* A text as YAML and the loader read it back: quoted where it has to be, ${ kept literal. */
static void put_scalar(struct hg_buf *out, const char *text)
{
    size_t len = strlen(text), n;

    if (is_plain(text)) {
        hg_buf_puts(out, text);
        return;
    }
    hg_buf_putc(out, '"');
    for (size_t i = 0; i < len; i += n) {
        unsigned c = 0xFFFD;

        n = hg_utf8_decode((const unsigned char *)text + i, len - i, &c);
        n = n ? n : 1;
        if (c == '"' || c == '\\') {
            hg_buf_printf(out, "\\%c", (int)c);
        } else if (c == '$' && text[i + 1] == '{') {
            hg_buf_puts(out, "$$");
        } else if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xFEFF || c == 0x2028 ||
                   c == 0x2029) {
            hg_buf_printf(out, "\\u%04X", c);
        } else {
            hg_buf_put(out, text + i, n);
        }
    }
    hg_buf_putc(out, '"');
}

/* Foreign text in a comment: nothing of it may end the line. */
static void put_comment(struct hg_buf *out, const char *text)
{
    hg_text_clean(out, text, strlen(text), 200);
}

/* ---- paths ---- */

/* The folder of a file, absolute and without links, and the file's own name as it was typed. */
static char *absolute(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
    char *real = dir ? realpath(dir[0] ? dir : "/", NULL) : NULL, *full = NULL;

    if (real != NULL && asprintf(&full, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
                                 slash ? slash + 1 : path) < 0) {
        full = NULL;
    }
    free(real);
    free(dir);
    return full;
}

/* "../secrets/x.json" as seen from `dir`; absolute where the two have no folder in common. */
static void put_path(struct hg_buf *out, const char *dir, const char *path)
{
    HG_AUTO(hg_buf_done) struct hg_buf relative = { 0 };
    char *full = absolute(path);
    size_t common = 0;

    for (size_t i = 0; full != NULL; i++) {
        if ((full[i] == '/' && (dir[i] == '/' || dir[i] == '\0'))) {
            common = i;
        }
        if (full[i] == '\0' || dir[i] == '\0' || full[i] != dir[i]) {
            break;
        }
    }
    if (full == NULL || common == 0) {
        put_scalar(out, full ? full : path);
    } else {
        for (const char *p = dir + common; *p != '\0'; p++) {
            hg_buf_puts(&relative, *p == '/' ? "../" : "");
        }
        hg_buf_puts(&relative, full + common + 1);
        put_scalar(out, hg_buf_text(&relative));
    }
    free(full);
}

/* ---- the head ---- */

static void put_name(const struct hg_init *init, struct hg_buf *out)
{
    HG_AUTO(hg_buf_done) struct hg_buf name = { 0 };
    size_t n = json_array_size(init->targets);

    for (size_t i = 0; i < n && n <= 5; i++) {
        hg_buf_printf(&name, "%s%s",
                      i == 0       ? ""
                      : i + 1 == n ? " and "
                                   : ", ",
                      text_of(json_array_get(init->targets, i), "id"));
    }
    if (n > 5) {
        hg_buf_printf(&name, "%zu databases", n);
    }
    hg_buf_puts(out, "name: ");
    put_scalar(out, hg_buf_text(&name));
    hg_buf_puts(out, "\t# stands above every report\n");
}

static bool concerns_a_target(const struct hg_init *init, const char *param)
{
    size_t i;
    json_t *t;

    json_array_foreach (init->targets, i, t) {
        const char *engine = text_of(t, "engine");

        if (strncmp(param, engine, strlen(engine)) == 0 && param[strlen(engine)] == '.') {
            return true;
        }
    }
    return false;
}

/* Lines of the parameters that a profile gives and none before it gave. */
static void put_profile_params(const struct hg_init *init, const char *checks,
                               const char *profile, json_t *seen, struct hg_buf *out)
{
    struct hg_error ignored = { 0 }; /* loading the plan says it */
    struct hg_profile given;
    char path[4096];
    const char *name;
    json_t *item;

    snprintf(path, sizeof(path), "%s/profiles", checks);
    (void)!hg_profile_load(path, profile, &given, &ignored);
    json_object_foreach (given.params, name, item) {
        const char *source = NULL;
        const json_t *value = hg_profile_value(&given, name, &source);
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

        if (text != NULL && concerns_a_target(init, name) &&
            json_object_get(seen, name) == NULL) {
            json_object_set_new(seen, name, json_true());
            hg_buf_printf(out, "#   %s: ", name);
            if (json_is_string(value)) {
                put_scalar(out, json_string_value(value));
            } else {
                hg_buf_puts(out, text);
            }
            /* Which document says so; `headgate explain` has the sentence. */
            hg_buf_printf(out, "\t# Of %s: ", profile);
            hg_text_clean(out, source, source ? strcspn(source, ":,;") : 0, 50);
            hg_buf_putc(out, '\n');
        }
        free(text);
    }
    hg_profile_done(&given);
}

static void put_profiles(const struct hg_init *init, struct hg_buf *out)
{
    static const char *const usual[] = { "datastream", "seed", NULL };
    const char *const *profiles = init->cli->profiles[0] ? init->cli->profiles : usual;
    json_auto_t *seen = json_object();
    char *checks = hg_cli_checks_dir(init->cli);

    hg_buf_puts(out, "profile: [");
    for (size_t i = 0; profiles[i] != NULL; i++) {
        hg_buf_puts(out, i > 0 ? ", " : "");
        put_scalar(out, profiles[i]);
    }
    hg_buf_puts(out, "]\t# what is asked; the first that gives a figure wins\n");
    hg_buf_puts(out, "# params:\t# Other figures than these; a target may have its own\n");
    for (size_t i = 0; checks != NULL && profiles[i] != NULL; i++) {
        put_profile_params(init, checks, profiles[i], seen, out);
    }
    free(checks);
}

static void put_stand(const struct hg_init *init, struct hg_buf *out)
{
    size_t i;
    json_t *range;

    if (json_array_size(init->ranges) == 0) {
        hg_buf_puts(
            out,
            "# from: { datastream: 10.1.0.0/29 }\t# Where the stream comes from: ranges\n");
    } else {
        hg_buf_puts(out, "from: { datastream: [");
        json_array_foreach (init->ranges, i, range) {
            hg_buf_puts(out, i > 0 ? ", " : "");
            put_scalar(out, json_string_value(range));
        }
        hg_buf_puts(out, "] }\t# where the stream comes from\n");
    }
    hg_buf_printf(out, "%svantage: %s\t# Where headgate runs: inside, tunnel or outside\n",
                  init->vantage ? "" : "# ", init->vantage ? init->vantage : "inside");
    hg_buf_puts(out, "# prove: true\t# As --prove: really stream for a moment\n");
}

/* ---- a target ---- */

static void put_secret(const json_t *target, const char *dir, struct hg_buf *out)
{
    const char *file = text_of(target, "file"), *env = text_of(target, "env");
    size_t i;
    json_t *word;

    hg_buf_puts(out, "    secret: { ");
    if (file != NULL) {
        hg_buf_puts(out, "file: ");
        put_path(out, dir, file);
    } else if (env != NULL) {
        hg_buf_printf(out, "env: %s", env);
    } else {
        hg_buf_puts(out, "command: [");
        json_array_foreach (json_object_get(target, "command"), i, word) {
            hg_buf_puts(out, i > 0 ? ", " : "");
            put_scalar(out, json_string_value(word));
        }
        hg_buf_putc(out, ']');
    }
    hg_buf_puts(out, " }\n");
}

/* What is known of the target and is not the plan's to say: the secret says it. */
static void put_facts(const json_t *target, struct hg_buf *out)
{
    const char *host = text_of(target, "host"), *user = text_of(target, "username");
    const char *database = text_of(target, "database"), *origin = text_of(target, "origin");
    json_int_t port = json_integer_value(json_object_get(target, "port"));
    HG_AUTO(hg_buf_done) struct hg_buf said = { 0 };

    if (host != NULL) {
        hg_buf_printf(&said, strchr(host, ':') != NULL ? "[%s]" : "%s", host);
    }
    if (host != NULL && port > 0) {
        hg_buf_printf(&said, ":%lld", (long long)port);
    }
    if (database != NULL) {
        hg_buf_printf(&said, "%sdatabase %s", said.len > 0 ? ", " : "", database);
    }
    if (user != NULL) {
        hg_buf_printf(&said, "%sas %s", said.len > 0 ? ", " : "", user);
    }
    if (said.len > 0) {
        hg_buf_printf(out, "    # %s ", origin ? "Terraform:" : "Secret:");
        put_comment(out, hg_buf_text(&said));
        hg_buf_puts(out, origin ? "; what the secret says is dialled\n" : "\n");
    }
    if (origin != NULL) {
        hg_buf_puts(out, "    # Found at ");
        put_comment(out, origin);
        hg_buf_putc(out, '\n');
    }
}

/* A port near the engine's own, for the near end of a tunnel. */
static int near_port(const json_t *target)
{
    const char *engine = text_of(target, "engine");
    json_int_t own = json_integer_value(json_object_get(target, "port"));

    if (own <= 0) {
        own = strcmp(engine, "mysql") == 0      ? 3306
              : strcmp(engine, "postgres") == 0 ? 5432
                                                : 27017;
    }
    return (int)(own % 10000) + 10000;
}

static void put_tls(const struct hg_init *init, const char *dir, struct hg_buf *out)
{
    if (init->ca != NULL) {
        hg_buf_puts(out, "    tls: { ca: ");
        put_path(out, dir, init->ca);
        hg_buf_puts(out, " }\t# verified in full, for the secret's host\n");
    } else {
        hg_buf_puts(
            out,
            "    # tls: { ca: ca.pem }\t# Verified in full either way; else with the system's CAs\n");
    }
}

static void put_scope(const json_t *target, struct hg_buf *out)
{
    const char *engine = text_of(target, "engine"), *database = text_of(target, "database");
    const json_t *scope = json_object_get(target, "scope");
    json_t *item;
    size_t i;

    if (scope != NULL) {
        hg_buf_puts(out, "    scope: [");
        json_array_foreach (scope, i, item) {
            hg_buf_printf(out, "%s\"%s\"", i > 0 ? ", " : "", json_string_value(item));
        }
        hg_buf_puts(out, "]\t# the tables that are streamed\n");
    } else if (strcmp(engine, "mysql") == 0 && database != NULL) {
        hg_buf_puts(out, "    scope: [");
        hg_buf_printf(out, "\"%s.*\"]\t# the tables that are streamed\n", database);
    } else if (strcmp(engine, "mysql") == 0) {
        hg_buf_puts(
            out, "    # scope: [\"DATABASE.*\"]\t# The tables that are streamed; else all\n");
    } else if (strcmp(engine, "postgres") == 0) {
        hg_buf_puts(
            out,
            "    scope: [\"public.*\"]\t# the tables that are streamed, as SCHEMA.TABLE\n");
    } else {
        hg_buf_puts(
            out,
            "    # scope: [\"DATABASE.*\"]\t# The collections that are streamed; else all\n");
    }
}

static void put_connect(const json_t *target, struct hg_buf *out)
{
    const json_t *connect = json_object_get(target, "connect");
    json_int_t port = json_integer_value(json_object_get(connect, "port"));

    hg_buf_printf(out, "    %sconnect: { host: ", connect ? "" : "# ");
    put_scalar(out, connect ? text_of(connect, "host") : "127.0.0.1");
    if (connect == NULL) {
        port = near_port(target);
    }
    if (port > 0) {
        hg_buf_printf(out, ", port: %lld", (long long)port);
    }
    hg_buf_printf(out, " }\t# %s\n",
                  connect ? "dialled; names and TLS stay the secret's"
                          : "Through a tunnel: its near end");
}

static void put_auditor(const json_t *target, struct hg_buf *out)
{
    hg_buf_puts(out, "    # auditor: { secret: { env: AUDITOR_");
    for (const char *p = text_of(target, "id"); *p != '\0'; p++) {
        hg_buf_putc(out, isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_');
    }
    hg_buf_printf(out, " } }\t# Who looks where the account itself may not%s\n",
                  strcmp(text_of(target, "engine"), "postgres") == 0 ? ": pg_hba.conf" : "");
}

static void put_target(const struct hg_init *init, const json_t *target, const char *dir,
                       struct hg_buf *out)
{
    hg_buf_puts(out, "\n  ");
    put_scalar(out, text_of(target, "id"));
    hg_buf_printf(out, ":\n    engine: %s\n", text_of(target, "engine"));
    put_facts(target, out);
    put_secret(target, dir, out);
    put_tls(init, dir, out);
    put_scope(target, out);
    put_connect(target, out);
    put_auditor(target, out);
}

/* Comments after a tab get a column of their own; no text that is put holds a tab. */
static void align(const char *text, struct hg_buf *out)
{
    size_t column = 0;

    for (; *text != '\0'; text++) {
        if (*text == '\t') {
            do {
                hg_buf_putc(out, ' ');
            } while (++column < 62);
        } else {
            hg_buf_putc(out, *text);
            column = *text == '\n' ? 0 : column + ((*text & 0xC0) != 0x80);
        }
    }
}

static void compose(const struct hg_init *init, const char *dir, struct hg_buf *out)
{
    size_t i;
    json_t *target;

    hg_buf_puts(out,
                "# What headgate examines, as whom, and against which profile. Written by "
                "`headgate init`.\n"
                "# No secret stands here, only where each one is. Paths are relative to this "
                "file's folder.\n"
                "# To use a line that is a comment, take its `# ` away.\n"
                "headgate: 1\n");
    put_name(init, out);
    put_profiles(init, out);
    put_stand(init, out);
    hg_buf_puts(out, "\ntargets:");
    json_array_foreach (init->targets, i, target) {
        put_target(init, target, dir, out);
    }
    hg_buf_puts(out, "\n# Known and accepted for a while, each with an owner and a last day:\n"
                     "# waivers:\n"
                     "#   - { check: mysql.account.host-wildcard, target: ");
    put_scalar(out, text_of(json_array_get(init->targets, 0), "id"));
    hg_buf_puts(out, ", reason: WHY, owner: WHO, expires: YYYY-MM-DD }\n"
                     "gate: { fail_on: major, unknown: fail }\t# what closes the gate\n");
}

void hg_init_compose(const struct hg_init *init, const char *dir, struct hg_buf *out)
{
    HG_AUTO(hg_buf_done) struct hg_buf text = { 0 };

    compose(init, dir, &text);
    align(hg_buf_text(&text), out);
    out->failed = out->failed || !hg_buf_ok(&text);
}
