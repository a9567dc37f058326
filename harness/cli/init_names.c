/* SPDX-License-Identifier: Apache-2.0 */
/* init_names.c - what names give away: the engine, and what the target may be called. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "cli/init.h"

static const struct {
    const char *word, *engine;
} words[] = {
    { "mysql",      "mysql"    },
    { "mariadb",    "mysql"    },
    { "postgres",   "postgres" },
    { "postgresql", "postgres" },
    { "mongodb",    "mongodb"  },
    { "mongo",      "mongodb"  },
};

const char *hg_init_engine(const char *word, size_t len)
{
    for (size_t i = 0; i < HG_COUNT(words); i++) {
        if (strlen(words[i].word) == len && strncasecmp(words[i].word, word, len) == 0) {
            return words[i].engine;
        }
    }
    return NULL;
}

const char *hg_init_engine_hint(const char *name)
{
    const char *engine = NULL;

    for (size_t i = 0; i < HG_COUNT(words); i++) {
        if (strcasestr(name, words[i].word) == NULL) {
            continue;
        }
        if (engine != NULL && strcmp(engine, words[i].engine) != 0) {
            return NULL;
        }
        engine = words[i].engine;
    }
    return engine;
}

/* What says nothing about whose database it is. */
static bool says_nothing(const char *word, size_t len)
{
    static const char *const empty[] = { "connection", "connections", "secret",  "secrets",
                                         "credential", "credentials", "payload", "json",
                                         "profile",    "source",      "db",      "datastream" };

    for (size_t i = 0; i < HG_COUNT(empty); i++) {
        if (strlen(empty[i]) == len && strncasecmp(empty[i], word, len) == 0) {
            return true;
        }
    }
    return len == 0 || hg_init_engine(word, len) != NULL;
}

static void put_word(struct hg_buf *out, const char *word, size_t len)
{
    if (out->len > 0) {
        hg_buf_putc(out, '-');
    }
    hg_buf_put(out, word, len);
}

char *hg_init_id(const char *name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const char *slash = strrchr(name, '/'), *rest = slash ? slash + 1 : name;
    const char *engine = hg_init_engine_hint(rest);
    struct hg_buf out = { 0 };

    while (*rest != '\0') {
        size_t len = strspn(rest, letters);

        if (!says_nothing(rest, len) && out.len + len < 60) {
            put_word(&out, rest, len);
        }
        rest += len + (rest[len] != '\0');
    }
    if (out.len == 0) {
        hg_buf_puts(&out, engine ? engine : "database");
    }
    if (strcmp(hg_buf_text(&out), "plan") == 0) {
        hg_buf_puts(&out, "-db"); /* the plan itself is a target of that name */
    }
    return hg_buf_take(&out);
}

bool hg_init_is_host(const char *text)
{
    return text != NULL && text[0] != '\0' && strlen(text) <= 253 &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:") ==
               strlen(text);
}

bool hg_init_is_name(const char *text)
{
    return text != NULL && text[0] != '\0' && strlen(text) <= 64 &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
               strlen(text);
}

void hg_init_shell_word(struct hg_buf *out, const char *path)
{
    static const char safe[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./+=:,@";

    hg_buf_puts(out, path[0] == '-' ? "./" : "");
    if (path[0] != '\0' && strspn(path, safe) == strlen(path)) {
        hg_buf_puts(out, path);
        return;
    }
    hg_buf_putc(out, '\'');
    for (; *path != '\0'; path++) {
        if (*path == '\'') {
            hg_buf_puts(out, "'\\''");
        } else {
            hg_buf_putc(out, *path);
        }
    }
    hg_buf_putc(out, '\'');
}

static bool taken(const struct hg_init *init, const char *id)
{
    size_t i;
    json_t *t;

    json_array_foreach (init->targets, i, t) {
        if (strcmp(json_string_value(json_object_get(t, "id")), id) == 0) {
            return true;
        }
    }
    return false;
}

void hg_init_add(struct hg_init *init, json_t *target)
{
    const char *id = json_string_value(json_object_get(target, "id"));
    char unique[128];

    snprintf(unique, sizeof(unique), "%s", id);
    for (int n = 2; taken(init, unique); n++) {
        snprintf(unique, sizeof(unique), "%.100s-%d", id, n);
    }
    json_object_set_new(target, "id", json_string(unique));
    json_array_append(init->targets, target);
}
