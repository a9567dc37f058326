/* SPDX-License-Identifier: Apache-2.0 */
#include "load/terraform.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "load/hcl.h"

#define MAX_BYTES  (1 << 20)
#define MAX_FILES  1000
#define MAX_FOLLOW 8     /* references through references; also what ends a circle */
#define MAX_STEPS  10000 /* references in all: each of them may hold many */

struct scope {
    json_t *files;         /* [{"name","body"}] of *.tf */
    json_t *vars, *locals; /* name → value */
    json_t *secrets; /* name of a google_secret_manager_secret → its secret_id, a value */
    json_t *out;
    int *steps;
};

static void note(const struct scope *s, const char *fmt, ...) HG_PRINTF(2, 3);
static void note(const struct scope *s, const char *fmt, ...)
{
    char text[600];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    json_array_append_new(json_object_get(s->out, "notes"), json_string(text));
}

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool ends_with(const char *text, const char *tail)
{
    size_t a = strlen(text), b = strlen(tail);

    return a > b && strcmp(text + a - b, tail) == 0;
}

/* ---- files ---- */

static json_t *read_one(const struct scope *s, const char *dir, const char *name)
{
    HG_AUTO(hg_buf_done) struct hg_buf text = { 0 };
    HG_AUTO(hg_buf_done) struct hg_buf path = { 0 };
    struct hg_error err = { 0 };
    json_t *body = NULL;

    hg_buf_printf(&path, "%s/%s", dir, name);
    if (hg_file_read(hg_buf_text(&path), MAX_BYTES, &text, &err)) {
        body = hg_hcl_parse(name, hg_buf_text(&text), text.len, &err);
    }
    if (body == NULL) {
        note(s, "%s; the file is left out", err.text);
    }
    return body;
}

static int wanted(const struct dirent *entry)
{
    return ends_with(entry->d_name, ".tf") || ends_with(entry->d_name, ".tfvars");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Terraform takes terraform.tfvars, and over it *.auto.tfvars in the order of their names. Of
 * the others it takes what it is told to: a value counts here where they all say the same. */
static void take_tfvars(struct scope *s, const char *file, const json_t *body, json_t *others)
{
    bool own = strcmp(file, "terraform.tfvars") == 0 || ends_with(file, ".auto.tfvars");
    const char *name;
    json_t *value;

    json_object_foreach (json_object_get(body, "attributes"), name, value) {
        json_t *before = json_object_get(others, name);

        if (own) {
            json_object_set(s->vars, name, value);
        } else if (before == NULL) {
            json_object_set(others, name, value);
        } else if (!json_equal(before, value)) {
            json_object_set_new(others, name, json_null());
        }
    }
}

static bool read_files(struct scope *s, const char *dir, json_t *others, struct hg_error *err)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, wanted, by_name);

    if (n < 0) {
        return hg_fail(err, HG_E_USAGE, "%s: %s", dir, strerror(errno));
    }
    /* terraform.tfvars comes after a.auto.tfvars by name, and before it in force. */
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < n && i < MAX_FILES; i++) {
            const char *name = entries[i]->d_name;
            json_t *body = (pass == 1) == ends_with(name, ".auto.tfvars")
                               ? read_one(s, dir, name)
                               : NULL;

            if (body != NULL && ends_with(name, ".tfvars")) {
                take_tfvars(s, name, body, others);
            } else if (body != NULL) {
                json_array_append_new(s->files,
                                      json_pack("{s:s, s:O}", "name", name, "body", body));
            }
            json_decref(body);
        }
    }
    for (int i = 0; i < n; i++) {
        free(entries[i]);
    }
    free(entries);
    return true;
}

/* ---- values ---- */

static void take_variable(struct scope *s, const json_t *block, const json_t *others,
                          const char *file)
{
    const char *name = json_string_value(json_array_get(json_object_get(block, "labels"), 0));
    json_t *value = json_object_get(json_object_get(block, "attributes"), "default");
    json_t *other = json_object_get(others, name ? name : "");

    if (name == NULL || hg_hcl_is_secret_name(name) || json_object_get(s->vars, name) != NULL) {
        return;
    }
    if (json_is_null(other)) {
        note(s,
             "%s: var.%s has not one value in the *.tfvars; name the one with a *.auto.tfvars",
             file, name);
    } else if (other != NULL || value != NULL) {
        json_object_set(s->vars, name, other ? other : value);
    }
}

static void take_names(struct scope *s, const char *file, const json_t *body,
                       const json_t *others)
{
    json_t *block;
    size_t i;

    json_array_foreach (json_object_get(body, "blocks"), i, block) {
        const char *type = text_at(block, "type");
        json_t *labels = json_object_get(block, "labels");
        json_t *attributes = json_object_get(block, "attributes");
        const char *kind = json_string_value(json_array_get(labels, 0));
        const char *name = json_string_value(json_array_get(labels, 1));

        if (strcmp(type, "variable") == 0) {
            take_variable(s, block, others, file);
        } else if (strcmp(type, "locals") == 0) {
            json_object_update(s->locals, attributes);
        } else if (strcmp(type, "resource") == 0 && kind != NULL && name != NULL &&
                   strcmp(kind, "google_secret_manager_secret") == 0) {
            json_object_set(s->secrets, name, json_object_get(attributes, "secret_id"));
        }
    }
}

static json_t *resolve(const struct scope *s, json_t *value, int depth);

static json_t *resolve_name(const struct scope *s, const char *ref, int depth)
{
    static const char secret[] = "google_secret_manager_secret.";
    const char *dot = strchr(ref, '.'), *last = strrchr(ref, '.');
    char name[200];

    if (strncmp(ref, "var.", 4) == 0 && dot == last) {
        return resolve(s, json_object_get(s->vars, dot + 1), depth + 1);
    }
    if (strncmp(ref, "local.", 6) == 0 && dot == last) {
        return resolve(s, json_object_get(s->locals, dot + 1), depth + 1);
    }
    if (strncmp(ref, secret, sizeof(secret) - 1) == 0 && dot != last) {
        snprintf(name, sizeof(name), "%.*s", (int)(last - dot - 1), dot + 1);
        return resolve(s, json_object_get(s->secrets, name), depth + 1);
    }
    return NULL;
}

/* "db-${var.x}" → its text; NULL where it holds more than references that are known. */
static json_t *resolve_template(const struct scope *s, const char *text, int depth)
{
    HG_AUTO(hg_buf_done) struct hg_buf out = { 0 };

    while (*text != '\0' && out.len < 4096) {
        const char *end = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;
        size_t len = end ? (size_t)(end - text) - 2 : 0;
        char ref[200];
        json_t *part;

        if (text[0] == '%' && text[1] == '{') {
            return NULL;
        }
        if (text[0] != '$' || text[1] != '{') {
            hg_buf_putc(&out, *text++);
            continue;
        }
        if (end == NULL || len >= sizeof(ref)) {
            return NULL;
        }
        snprintf(ref, sizeof(ref), "%.*s", (int)len, text + 2);
        part = resolve_name(s, ref, depth);
        if (json_is_string(part)) {
            hg_buf_puts(&out, json_string_value(part));
        } else if (json_is_integer(part)) {
            hg_buf_printf(&out, "%lld", (long long)json_integer_value(part));
        } else {
            json_decref(part);
            return NULL;
        }
        json_decref(part);
        text = end + 1;
    }
    return *text == '\0' && hg_buf_ok(&out) ? json_string(hg_buf_text(&out)) : NULL;
}

/* A new reference to a text, number or truth value; NULL when it is not known here. */
static json_t *resolve(const struct scope *s, json_t *value, int depth)
{
    if (value == NULL || depth > MAX_FOLLOW || ++*s->steps > MAX_STEPS) {
        return NULL;
    }
    if (!json_is_object(value)) {
        return json_is_null(value) ? NULL : json_incref(value);
    }
    if (text_at(value, "ref") != NULL) {
        return resolve_name(s, text_at(value, "ref"), depth);
    }
    return resolve_template(s, text_at(value, "template"), depth);
}

/* Puts what an attribute comes to into `into`, when it comes to anything. */
static bool put(const struct scope *s, json_t *into, const char *key, const json_t *block,
                const char *attribute)
{
    json_t *value = resolve(s, json_object_get(json_object_get(block, "attributes"), attribute),
                            0);

    return value != NULL && json_object_set_new(into, key, value) == 0;
}

/* ---- resources ---- */

static json_t *block_in(const json_t *block, const char *type)
{
    json_t *inner;
    size_t i;

    json_array_foreach (json_object_get(block, "blocks"), i, inner) {
        if (strcmp(text_at(inner, "type"), type) == 0) {
            return inner;
        }
    }
    return NULL;
}

static json_t *new_entry(const char *file, const json_t *block)
{
    json_t *labels = json_object_get(block, "labels");

    return json_pack("{s:s, s:o}", "name", json_string_value(json_array_get(labels, 1)),
                     "origin",
                     json_sprintf("%s:%lld %s.%s", file,
                                  (long long)json_integer_value(json_object_get(block, "line")),
                                  json_string_value(json_array_get(labels, 0)),
                                  json_string_value(json_array_get(labels, 1))));
}

static void take_port(json_t *profile)
{
    const char *text = text_at(profile, "port");
    json_int_t port = text ? strtol(text, NULL, 10)
                           : json_integer_value(json_object_get(profile, "port"));

    if (port >= 1 && port <= 65535) {
        json_object_set_new(profile, "port", json_integer(port));
    } else {
        json_object_del(profile, "port");
    }
}

static void take_profile(const struct scope *s, const char *file, const json_t *block)
{
    static const struct {
        const char *block, *engine;
    } kinds[] = {
        { "mysql_profile",      "mysql"    },
        { "postgresql_profile", "postgres" },
        { "mongodb_profile",    "mongodb"  },
    };

    for (size_t i = 0; i < HG_COUNT(kinds); i++) {
        json_t *inner = block_in(block, kinds[i].block), *address;
        json_auto_t *profile = inner ? new_entry(file, block) : NULL;

        if (profile == NULL) {
            continue;
        }
        json_object_set_new(profile, "engine", json_string(kinds[i].engine));
        put(s, profile, "name", block, "connection_profile_id");
        address = block_in(inner, "host_addresses"); /* MongoDB has a list of them */
        put(s, profile, "host", address ? address : inner, "hostname");
        put(s, profile, "port", address ? address : inner, "port");
        put(s, profile, "username", inner, "username");
        put(s, profile, "database", inner, "database");
        take_port(profile);
        json_array_append(json_object_get(s->out, "profiles"), profile);
    }
}

static bool has_secret(const struct scope *s, const char *name)
{
    json_t *secret;
    size_t i;

    json_array_foreach (json_object_get(s->out, "secrets"), i, secret) {
        if (strcmp(text_at(secret, "name"), name) == 0) {
            return true;
        }
    }
    return false;
}

static void take_secret(const struct scope *s, const char *file, const json_t *block,
                        const char *attribute)
{
    json_auto_t *secret = new_entry(file, block);

    if (secret == NULL) {
        return;
    }
    if (!put(s, secret, "name", block, attribute) || text_at(secret, "name") == NULL) {
        note(s, "%s: its %s is known to Terraform only", text_at(secret, "origin"), attribute);
    } else if (!has_secret(s, text_at(secret, "name"))) {
        json_array_append(json_object_get(s->out, "secrets"), secret);
    }
    if (json_object_get(s->out, "project") == NULL) {
        put(s, s->out, "project", block, "project");
    }
}

static void take_range(const struct scope *s, const json_t *block)
{
    json_auto_t *found = json_object();

    if (put(s, found, "range", block_in(block, "vpc_peering_config"), "subnet") &&
        text_at(found, "range") != NULL) {
        json_array_append(json_object_get(s->out, "ranges"), json_object_get(found, "range"));
    }
}

static void take_resources(const struct scope *s, const char *file, const json_t *body)
{
    json_t *block;
    size_t i;

    json_array_foreach (json_object_get(body, "blocks"), i, block) {
        json_t *labels = json_object_get(block, "labels");
        const char *type = text_at(block, "type");
        const char *kind = json_string_value(json_array_get(labels, 0));
        bool resource = strcmp(type, "resource") == 0, data = strcmp(type, "data") == 0;

        if (kind == NULL || json_string_value(json_array_get(labels, 1)) == NULL) {
            continue;
        }
        if (resource && strcmp(kind, "google_datastream_connection_profile") == 0) {
            take_profile(s, file, block);
        } else if (resource && strcmp(kind, "google_secret_manager_secret") == 0) {
            take_secret(s, file, block, "secret_id");
        } else if (data && strcmp(kind, "google_secret_manager_secret_version") == 0) {
            take_secret(s, file, block, "secret");
        } else if (resource && strcmp(kind, "google_datastream_private_connection") == 0) {
            take_range(s, block);
        }
    }
}

static void each_file(struct scope *s, const json_t *others)
{
    json_t *file;
    size_t i;

    json_array_foreach (s->files, i, file) {
        take_names(s, text_at(file, "name"), json_object_get(file, "body"), others);
    }
    json_array_foreach (s->files, i, file) {
        take_resources(s, text_at(file, "name"), json_object_get(file, "body"));
    }
    if (json_object_get(s->out, "project") == NULL) {
        json_t *project = resolve_name(s, "var.project_id", 0);

        json_object_set_new(s->out, "project",
                            project ? project : resolve_name(s, "var.project", 0));
    }
}

json_t *hg_terraform_read(const char *dir, struct hg_error *err)
{
    json_auto_t *files = json_array(), *vars = json_object(), *locals = json_object(),
                *secrets = json_object(), *others = json_object();
    json_auto_t *out = json_pack("{s:[], s:[], s:[], s:[]}", "profiles", "secrets", "ranges",
                                 "notes");
    int steps = 0;
    struct scope s = { files, vars, locals, secrets, out, &steps };

    if (files == NULL || vars == NULL || locals == NULL || secrets == NULL || others == NULL ||
        out == NULL) {
        hg_fail_nomem(err);
        return NULL;
    }
    if (!read_files(&s, dir, others, err)) {
        return NULL;
    }
    if (json_array_size(files) == 0 && json_array_size(json_object_get(out, "notes")) == 0) {
        hg_fail(err, HG_E_USAGE, "%s: there is no *.tf in it", dir);
        return NULL;
    }
    each_file(&s, others);
    return hg_steal(&out);
}
