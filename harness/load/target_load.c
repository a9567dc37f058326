/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "load/plan_parts.h"

/* A path of the plan is relative to the plan's own folder. */
static bool absolute(const struct hg_at *at, const char *dir)
{
    const char *path = json_string_value(at->value);
    struct hg_buf full = { 0 };
    bool ok;

    if (path == NULL || path[0] == '/' || strcmp(dir, "") == 0) {
        return true;
    }
    hg_buf_printf(&full, "%s/%s", dir, path);
    ok = json_string_set((json_t *)at->value, hg_buf_text(&full)) == 0;
    hg_buf_done(&full);
    return ok || hg_fail_nomem(at->err);
}

static bool take_command(const struct hg_at *at, struct hg_secret_ref *ret)
{
    json_t *words;

    if (!hg_at_texts(at, "command", true, &words)) {
        return false;
    }
    if (json_string_length(json_array_get(words, 0)) == 0) {
        return hg_at_fail(at, "`command` begins with the name of a program");
    }
    ret->kind = HG_SECRET_COMMAND;
    ret->command = words;
    return true;
}

/* The name is not repeated: somebody may have written the secret itself here. */
static bool take_variable(const struct hg_at *at, struct hg_secret_ref *ret)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    struct hg_at here = hg_at_key(at, "env");

    if (!hg_at_text(at, "env", true, &ret->name)) {
        return false;
    }
    ret->kind = HG_SECRET_ENV;
    for (const char *p = ret->name; *p != '\0'; p++) {
        if (strchr(letters, *p) == NULL && (p == ret->name || *p < '0' || *p > '9')) {
            return hg_at_fail(&here, "`env` wants the name of a variable: letters, digits, _");
        }
    }
    return true;
}

static bool held(const struct hg_at *at)
{
    return hg_at_fail(at, "secrets are named in a plan, never held in it: { file: PATH }, "
                          "{ env: NAME } or { command: [WORDS] }");
}

static bool take_secret(const struct hg_at *parent, const char *dir, struct hg_secret_ref *ret)
{
    static const char *const keys[] = { "file",    "env", "command", "google",
                                        "version", "as",  NULL };
    struct hg_at at = hg_at_key(parent, "secret"), file = hg_at_key(&at, "file");
    const char *name = NULL;

    if (at.value == NULL) {
        return true;
    }
    if (!json_is_object(at.value)) { /* a number may be a password, too */
        return held(&at);
    }
    if (!hg_at_mapping(&at, "a secret", keys)) {
        return false;
    }
    if (json_object_get(at.value, "google") != NULL) {
        return hg_at_fail(&at,
                          "secrets from Google's Secret Manager come with a later version; "
                          "meanwhile { command: [gcloud, secrets, versions, access, ...] }");
    }
    if (json_object_size(at.value) != 1) {
        return hg_at_fail(&at, "a secret is one of { file: PATH }, { env: NAME } or "
                               "{ command: [WORDS] }");
    }
    if (file.value != NULL) {
        ret->kind = HG_SECRET_FILE;
        if (!hg_at_text(&at, "file", true, &name) || !absolute(&file, dir)) {
            return false;
        }
        ret->name = json_string_value(json_object_get(at.value, "file"));
        return true;
    }
    if (json_object_get(at.value, "env") != NULL) {
        return take_variable(&at, ret);
    }
    return take_command(&at, ret);
}

static bool take_port(const struct hg_at *at, const char *key)
{
    struct hg_at port = hg_at_key(at, key);
    json_int_t n = json_integer_value(port.value);
    const char *text = json_string_value(port.value);
    char *end;

    if (port.value == NULL) {
        return true;
    }
    if (text != NULL) { /* from ${VARIABLE}: it is a text then */
        n = strtol(text, &end, 10);
        n = *end == '\0' && text[0] >= '0' && text[0] <= '9' ? n : 0;
        if (n >= 1 && n <= 65535) {
            return json_object_set_new((json_t *)at->value, key, json_integer(n)) == 0 ||
                   hg_fail_nomem(at->err);
        }
    }
    if (n >= 1 && n <= 65535) {
        return true;
    }
    return json_is_integer(port.value)
               ? hg_at_fail(&port, "`%lld` is no port: a number from 1 to 65535",
                            (long long)json_integer_value(port.value))
               : hg_at_fail(&port, "`%s` is no port: a number from 1 to 65535",
                            json_is_string(port.value) ? json_string_value(port.value) : key);
}

static bool take_connect(const struct hg_at *parent, struct hg_target *ret)
{
    static const char *const keys[] = { "host", "port", NULL };
    struct hg_at at = hg_at_key(parent, "connect");
    const char *host = NULL;

    ret->connect = (json_t *)at.value;
    return at.value == NULL ||
           (hg_at_mapping(&at, "`connect`", keys) && hg_at_text(&at, "host", false, &host) &&
            take_port(&at, "port"));
}

static bool take_tls(const struct hg_at *parent, const char *dir, struct hg_target *ret)
{
    static const char *const keys[] = { "mode", "ca", "name", "cert", "key", NULL };
    static const char *const modes[] = { "verify-full", "verify-ca", "required", "off", NULL };
    struct hg_at at = hg_at_key(parent, "tls");
    const char *text = NULL;
    int ignored = 0;

    if (at.value == NULL) {
        return true;
    }
    if (json_is_string(at.value)) { /* `tls: off` */
        if (!hg_at_word(parent, "tls", true, modes, &ignored)) {
            return false;
        }
        json_object_set_new((json_t *)parent->value, "tls",
                            json_pack("{s:s}", "mode", modes[ignored]));
        ret->tls = json_object_get(parent->value, "tls");
        return true;
    }
    if (json_is_boolean(at.value)) {
        return hg_at_fail(&at,
                          "`tls` is one of verify-full, verify-ca, required, \"off\", or a "
                          "mapping");
    }
    if (!hg_at_mapping(&at, "`tls`", keys) ||
        !hg_at_word(&at, "mode", false, modes, &ignored)) {
        return false;
    }
    for (size_t i = 1; keys[i] != NULL; i++) {
        struct hg_at path = hg_at_key(&at, keys[i]);

        if (!hg_at_text(&at, keys[i], false, &text) ||
            (strcmp(keys[i], "name") != 0 && !absolute(&path, dir))) {
            return false;
        }
    }
    ret->tls = (json_t *)at.value;
    return true;
}

static bool take_scope(const struct hg_at *parent, struct hg_target *ret)
{
    struct hg_at at = hg_at_key(parent, "scope");
    size_t i;
    json_t *item;

    if (!hg_at_texts(parent, "scope", false, &ret->scope)) {
        return false;
    }
    json_array_foreach (ret->scope, i, item) {
        const char *text = json_string_value(item), *dot = strchr(text, '.');

        if (dot == NULL || dot == text || dot[1] == '\0') {
            struct hg_at here = hg_at_index(&at, i);

            return hg_at_fail(&here, "`%s` names no table; write `%s.*` for all of a schema",
                              text, text);
        }
    }
    return true;
}

/* "host:port" or "[::1]:port" → {name, host, port}. */
static json_t *endpoint_of(const char *name, const char *text)
{
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    long port = colon ? strtol(colon + 1, &end, 10) : 0;
    size_t len = colon ? (size_t)(colon - text) : 0;

    if (len == 0 || colon[1] < '0' || colon[1] > '9' || port < 1 || port > 65535 ||
        *end != '\0') {
        return NULL;
    }
    if (text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    return json_pack("{s:s, s:s%, s:i}", "name", name, "host", text, len, "port", (int)port);
}

static bool take_endpoints(const struct hg_at *parent, struct hg_target *ret)
{
    static const char *const keys[] = { "name", "host", "port", NULL };
    struct hg_at at = hg_at_key(parent, "endpoints");
    json_auto_t *list = json_array();
    const char *name, *text = NULL;
    json_t *value;
    size_t i;

    json_object_foreach ((json_t *)at.value, name, value) {
        struct hg_at here = hg_at_key(&at, name);
        json_t *one = json_is_string(value) ? endpoint_of(name, json_string_value(value))
                                            : NULL;

        if (one == NULL) {
            return hg_at_fail(&here, "an endpoint is `name: host:port`");
        }
        json_array_append_new(list, one);
    }
    json_array_foreach (at.value, i, value) {
        struct hg_at here = hg_at_index(&at, i);

        if (!hg_at_mapping(&here, "an endpoint", keys) ||
            !hg_at_text(&here, "name", true, &text) ||
            !hg_at_text(&here, "host", true, &text) || !take_port(&here, "port")) {
            return false;
        }
        if (json_object_get(value, "port") == NULL) {
            return hg_at_fail(&here, "`port` is missing");
        }
        json_array_append(list, value);
    }
    if (json_array_size(list) == 0) {
        return hg_at_fail(at.value ? &at : parent, "a network target wants `endpoints`");
    }
    json_object_set((json_t *)parent->value, "endpoints", list);
    ret->endpoints = json_object_get(parent->value, "endpoints");
    return true;
}

static bool take_auditor(const struct hg_at *parent, const char *dir, struct hg_target *ret)
{
    static const char *const keys[] = { "secret", NULL };
    struct hg_at at = hg_at_key(parent, "auditor");

    if (at.value == NULL) {
        return true;
    }
    if (!json_is_object(at.value)) {
        return held(&at);
    }
    if (!hg_at_mapping(&at, "an auditor", keys) || !take_secret(&at, dir, &ret->auditor)) {
        return false;
    }
    return ret->auditor.kind != HG_SECRET_NONE || hg_at_fail(&at, "`secret` is missing");
}

static bool known_engine(const struct hg_at *at, const char *engine)
{
    static const char *const later[] = { "google", "terraform", NULL };
    struct hg_at here = hg_at_key(at, "engine");

    for (size_t i = 0; later[i] != NULL; i++) {
        if (strcmp(later[i], engine) == 0) {
            return hg_at_fail(&here,
                              "the engine `%s` comes with a later version; there are mysql, "
                              "postgres, mongodb and network",
                              engine);
        }
    }
    return true;
}

bool hg_plan_take_target(const struct hg_at *at, const char *id, const char *dir,
                         struct hg_target *ret)
{
    static const char *const keys[] = { "engine", "secret", "auditor",   "connect",  "tls",
                                        "scope",  "params", "endpoints", "deadline", NULL };
    struct hg_at endpoints = hg_at_key(at, "endpoints");

    ret->id = id;
    if (!hg_at_mapping(at, "a target", keys) || !hg_at_text(at, "engine", true, &ret->engine) ||
        !known_engine(at, ret->engine) || !take_secret(at, dir, &ret->secret) ||
        !take_auditor(at, dir, ret) || !take_connect(at, ret) || !take_tls(at, dir, ret) ||
        !take_scope(at, ret) || !hg_at_duration(at, "deadline", &ret->deadline_ms)) {
        return false;
    }
    if (strcmp(ret->engine, "network") == 0) {
        return take_endpoints(at, ret);
    }
    if (endpoints.value != NULL) {
        return hg_at_fail(&endpoints, "`endpoints` belong to a target with `engine: network`");
    }
    return ret->secret.kind != HG_SECRET_NONE || ret->auditor.kind != HG_SECRET_NONE ||
           hg_at_fail(at, "`secret` is missing: { file: PATH }, { env: NAME } or "
                          "{ command: [WORDS] }");
}
