/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/common/secret.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

#define MAX_PAYLOAD 65536

void hg_wipe(void *memory, size_t size)
{
    volatile unsigned char *p = memory;

    while (size-- > 0) {
        *p++ = 0;
    }
}

static void wipe_free(char *text)
{
    if (text != NULL) {
        hg_wipe(text, strlen(text));
        free(text);
    }
}

void hg_secret_free(struct hg_secret *secret)
{
    if (secret == NULL) {
        return;
    }
    free(secret->host);
    free(secret->username);
    wipe_free(secret->password);
    free(secret->database);
    free(secret->auth_source);
    free(secret->replica_set);
    json_decref(secret->report);
    free(secret);
}

const char *hg_secret_placeholder(const char *value)
{
    static const char *const patterns[] = {
        "REPLACE_WITH",
        "REPLACE_ME",
        "REPLACEME",
        "CHANGE_ME",
        "CHANGEME",
        "CHANGE-ME",
        "SECURE_PASSWORD",
        "YOUR_PASSWORD",
        "YOUR-PASSWORD",
        "PLACEHOLDER",
        "<PASSWORD>",
        "TODO:",
        "${",
        "{{",
    };

    for (size_t i = 0; value != NULL && i < HG_COUNT(patterns); i++) {
        if (strcasestr(value, patterns[i]) != NULL) {
            return patterns[i];
        }
    }
    return NULL;
}

/* ---- MongoDB connection strings (MongoDB specification "Connection String") ---- */

struct mongo_uri {
    char *username, *password, *host, *database, *auth_source, *replica_set;
    int port;
    bool srv;
    bool raw; /* not taken apart: see credentials_are_raw() */
};

static void mongo_uri_done(struct mongo_uri *uri)
{
    free(uri->username);
    wipe_free(uri->password);
    free(uri->host);
    free(uri->database);
    free(uri->auth_source);
    free(uri->replica_set);
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Percent-decodes len bytes; NULL when memory runs out. A stray % stays as it is. */
static char *decode(const char *text, size_t len)
{
    char *out = malloc(len + 1), *p = out;

    for (size_t i = 0; out != NULL && i < len; i++) {
        if (text[i] == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            *p++ = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            *p++ = text[i];
        }
    }
    if (out != NULL) {
        *p = '\0';
    }
    return out;
}

static bool port_parse(const char *text, size_t len, int *ret)
{
    int port = 0;

    if (len == 0 || len > 5) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        port = port * 10 + (text[i] - '0');
    }
    *ret = port;
    return port >= 1 && port <= 65535;
}

/* The first host of "a:1,b:2": the one that is dialled. */
static bool uri_host(struct mongo_uri *uri, const char *hosts, size_t len)
{
    const char *comma = memchr(hosts, ',', len), *colon = NULL;
    size_t name;

    len = comma ? (size_t)(comma - hosts) : len;
    if (len > 0 && hosts[0] == '[') {
        const char *close = memchr(hosts, ']', len);

        if (close == NULL) {
            return false;
        }
        uri->host = decode(hosts + 1, (size_t)(close - hosts) - 1);
        colon = close + 1 < hosts + len && close[1] == ':' ? close + 1 : NULL;
    } else {
        colon = memchr(hosts, ':', len);
        name = colon ? (size_t)(colon - hosts) : len;
        uri->host = decode(hosts, name);
    }
    if (colon != NULL &&
        !port_parse(colon + 1, len - (size_t)(colon + 1 - hosts), &uri->port)) {
        return false;
    }
    return uri->host != NULL && uri->host[0] != '\0';
}

static void uri_options(struct mongo_uri *uri, const char *options)
{
    while (*options != '\0') {
        size_t len = strcspn(options, "&;");
        const char *equals = memchr(options, '=', len);

        if (equals != NULL) {
            size_t name = (size_t)(equals - options);
            char **slot = name == 10 && strncasecmp(options, "replicaSet", 10) == 0
                              ? &uri->replica_set
                          : name == 10 && strncasecmp(options, "authSource", 10) == 0
                              ? &uri->auth_source
                              : NULL;

            if (slot != NULL && *slot == NULL) {
                *slot = decode(equals + 1, len - name - 1);
            }
        }
        options += len + (options[len] != '\0');
    }
}

/* True when a raw '@', '/' or '?' stands in the credentials: which part of the string is a
 * password is then a guess, and drivers refuse it (Connection String Specification,
 * "userinfo"). After the authority an '@' may only stand in the value of appName (Azure writes
 * those). */
static bool credentials_are_raw(const char *rest)
{
    size_t authority = strcspn(rest, "/?");
    const char *first = memchr(rest, '@', authority), *at = strchr(rest + authority, '@');
    const char *query = strchr(rest + authority, '?');

    if (first != NULL && memchr(first + 1, '@', authority - (size_t)(first - rest) - 1)) {
        return true;
    }
    for (; at != NULL; at = strchr(at + 1, '@')) {
        const char *option = at;

        while (query != NULL && option > query && option[-1] != '&' && option[-1] != ';' &&
               option[-1] != '?') {
            option--;
        }
        if (query == NULL || at < query || strncasecmp(option, "appName=", 8) != 0) {
            return true;
        }
    }
    return false;
}

static bool text_is_utf8(const char *text)
{
    return text == NULL || hg_utf8_valid(text, strlen(text));
}

static bool uri_parse(struct mongo_uri *uri, const char *text)
{
    const char *rest, *at, *end, *query;

    uri->srv = strncmp(text, "mongodb+srv://", 14) == 0;
    if (!uri->srv && strncmp(text, "mongodb://", 10) != 0) {
        return false;
    }
    rest = text + (uri->srv ? 14 : 10);
    if (credentials_are_raw(rest)) {
        uri->raw = true;
        return false;
    }
    end = rest + strcspn(rest, "/?");
    at = memchr(rest, '@', (size_t)(end - rest));
    if (at != NULL) {
        const char *colon = memchr(rest, ':', (size_t)(at - rest));

        uri->username = decode(rest, (size_t)((colon ? colon : at) - rest));
        uri->password = colon ? decode(colon + 1, (size_t)(at - colon) - 1) : NULL;
        rest = at + 1;
    }
    if (!uri_host(uri, rest, (size_t)(end - rest))) {
        return false;
    }
    query = strchr(end, '?');
    if (*end == '/') {
        size_t len = query ? (size_t)(query - end) - 1 : strlen(end + 1);

        uri->database = len > 0 ? decode(end + 1, len) : NULL;
    }
    if (query != NULL) {
        uri_options(uri, query + 1);
    }
    return text_is_utf8(uri->username) && text_is_utf8(uri->password) &&
           text_is_utf8(uri->host) && text_is_utf8(uri->database) &&
           text_is_utf8(uri->auth_source) && text_is_utf8(uri->replica_set);
}

/* ---- the payload ---- */

struct reading {
    json_t *doc;
    struct hg_secret *secret;
    json_t *placeholders, *missing, *disagreements;
    struct hg_error *err;
};

static char *copy(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

static const char *field(const struct reading *r, const char *name)
{
    return json_string_value(json_object_get(r->doc, name));
}

static void note_placeholder(struct reading *r, const char *name, const char *value)
{
    const char *pattern = hg_secret_placeholder(value);

    if (pattern != NULL) {
        json_array_append_new(r->placeholders,
                              json_pack("{s:s, s:s}", "field", name, "value", pattern));
    }
}

static void note_disagreement(struct reading *r, const char *name, const char *in_field,
                              const char *in_string)
{
    bool secret = strcmp(name, "password") == 0;

    if (in_field == NULL || in_string == NULL || strcmp(in_field, in_string) == 0) {
        return;
    }
    json_array_append_new(r->disagreements, json_pack("{s:s, s:s, s:s}", "field", name,
                                                      "field_value", secret ? "" : in_field,
                                                      "string_value", secret ? "" : in_string));
}

static bool take_port(struct reading *r, int otherwise)
{
    json_t *port = json_object_get(r->doc, "port");
    const char *text = json_string_value(port);

    if (port == NULL) {
        r->secret->port = otherwise;
        return true;
    }
    if (text != NULL && port_parse(text, strlen(text), &r->secret->port)) {
        return true;
    }
    if (json_is_integer(port) && json_integer_value(port) >= 1 &&
        json_integer_value(port) <= 65535) {
        r->secret->port = (int)json_integer_value(port);
        return true;
    }
    return hg_fail(r->err, HG_E_SYNTAX, "the secret's `port` is not a number from 1 to 65535");
}

static bool take_mongo_uri(struct reading *r, const char *text)
{
    __attribute__((cleanup(mongo_uri_done))) struct mongo_uri uri = { 0 };
    struct hg_secret *s = r->secret;
    const char *database = field(r, "database");

    if (!uri_parse(&uri, text)) {
        return hg_fail(r->err, HG_E_SYNTAX,
                       uri.raw
                           ? "the secret's `connection_string` has a raw @, / or ? in its "
                             "user name or password, which drivers refuse; write %%40, %%2F "
                             "or %%3F"
                           : "the secret's `connection_string` is not a mongodb:// string");
    }
    note_disagreement(r, "username", field(r, "username"), uri.username);
    note_disagreement(r, "password", field(r, "password"), uri.password);
    note_disagreement(r, "database", database, uri.database);
    note_disagreement(r, "hostname", field(r, "hostname"), uri.host);
    s->host = copy(uri.host);
    s->port = uri.port ? uri.port : 27017;
    if (s->username == NULL) {
        s->username = copy(uri.username);
    }
    if (s->password == NULL) {
        s->password = copy(uri.password);
    }
    if (s->database == NULL) {
        s->database = copy(uri.database);
    }
    /* The specification: authSource, else the database of the string, else admin. */
    s->auth_source = copy(uri.auth_source ? uri.auth_source
                          : uri.database  ? uri.database
                                          : "admin");
    s->replica_set = copy(uri.replica_set);
    note_placeholder(r, "connection_string", text);
    return json_object_set_new(s->report, "srv", json_boolean(uri.srv)) == 0;
}

static void note_missing(struct reading *r, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0') {
        json_array_append_new(r->missing, json_string(name));
    }
}

static bool take_fields(struct reading *r, const char *engine)
{
    struct hg_secret *s = r->secret;
    bool mongo = engine ? strcmp(engine, "mongodb") == 0
                        : field(r, "connection_string") != NULL;
    const char *uri = mongo ? field(r, "connection_string") : NULL;

    s->username = copy(field(r, "username"));
    s->password = copy(field(r, "password"));
    s->database = copy(field(r, "database"));
    note_placeholder(r, "username", s->username);
    note_placeholder(r, "password", s->password);
    note_placeholder(r, "database", s->database);
    if (uri != NULL) {
        if (!take_mongo_uri(r, uri)) {
            return false;
        }
    } else {
        s->host = copy(field(r, "hostname") ? field(r, "hostname") : field(r, "host"));
        note_placeholder(r, "hostname", s->host);
        if (mongo) {
            s->auth_source = copy(field(r, "auth_source") ? field(r, "auth_source")
                                                          : s->database);
            s->replica_set = copy(field(r, "replica_set"));
        }
        if (!take_port(r, engine == NULL                    ? 0
                          : mongo                           ? 27017
                          : strcmp(engine, "postgres") == 0 ? 5432
                                                            : 3306)) {
            return false;
        }
    }
    note_missing(r, mongo && uri == NULL ? "connection_string" : "hostname", s->host);
    note_missing(r, "username", s->username);
    note_missing(r, "password", s->password);
    note_missing(r, "database", s->database);
    return true;
}

static bool fill_report(struct reading *r)
{
    struct hg_secret *s = r->secret;
    json_auto_t *fields = json_array();
    json_auto_t *more = NULL;
    const char *name;
    json_t *value;

    json_object_foreach (r->doc, name, value) {
        json_array_append_new(fields, json_string(name));
    }
    more = json_pack("{s:s*, s:i, s:s*, s:s*, s:s*, s:O, s:O, s:O, s:O}", "host", s->host,
                     "port", s->port, "username", s->username, "database", s->database,
                     "replica_set", s->replica_set, "fields", fields, "placeholders",
                     r->placeholders, "missing", r->missing, "disagreements", r->disagreements);
    s->usable = json_array_size(r->placeholders) == 0 && json_array_size(r->missing) == 0;
    return more != NULL && json_object_update(s->report, more) == 0;
}

struct hg_secret *hg_secret_parse(const char *text, size_t len, const char *engine,
                                  struct hg_error *err)
{
    HG_AUTO(hg_secret_freep) struct hg_secret *secret = calloc(1, sizeof(*secret));
    json_auto_t *doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    json_auto_t *placeholders = json_array(), *missing = json_array(),
                *disagreements = json_array();
    struct reading r = { doc, secret, placeholders, missing, disagreements, err };

    if (secret == NULL || (secret->report = json_object()) == NULL) {
        hg_fail_nomem(err);
        return NULL;
    }
    if (!json_is_object(doc)) {
        hg_fail(err, HG_E_SYNTAX, "the secret is not a JSON object (or repeats a field)");
        return NULL;
    }
    if (!take_fields(&r, engine)) {
        return NULL;
    }
    if (!fill_report(&r)) {
        hg_fail_nomem(err);
        return NULL;
    }
    return hg_steal(&secret);
}

struct hg_secret *hg_secret_read(int fd, const char *engine, struct hg_error *err)
{
    struct hg_buf text = { 0 };
    struct hg_secret *secret = NULL;

    if (hg_fd_read(fd, "the secret", MAX_PAYLOAD, &text, err)) {
        secret = hg_secret_parse(hg_buf_text(&text), text.len, engine, err);
    }
    if (text.text != NULL) {
        hg_wipe(text.text, text.cap);
    }
    hg_buf_done(&text);
    return secret;
}
