/* SPDX-License-Identifier: Apache-2.0 */
/* explain_sends.c - what a check makes a probe send, and what an account needs for it. */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "cli/explain.h"
#include "rules/rule.h"

/* The facts of the check that a statement serves, "a, b"; "" when it serves none of them. */
static void served(const json_t *statement, const json_t *keys, struct hg_buf *out)
{
    size_t i;
    json_t *fact;

    json_array_foreach (json_object_get(statement, "facts"), i, fact) {
        if (json_object_get(keys, json_string_value(fact)) != NULL) {
            hg_buf_printf(out, "%s%s", out->len > 0 ? ", " : "for ", json_string_value(fact));
        }
    }
    if (json_array_size(json_object_get(statement, "facts")) == 0) {
        hg_buf_puts(out, "on every connection");
    }
}

/* Statements are never wrapped or cut. */
static void say_statements(const json_t *about, const json_t *keys)
{
    size_t i, n = 0;
    json_t *statement;

    puts("\nsends");
    json_array_foreach (json_object_get(about, "statements"), i, statement) {
        const char *when = json_string_value(json_object_get(statement, "when"));
        const char *level = json_string_value(json_object_get(statement, "level"));
        struct hg_buf out = { 0 };

        served(statement, keys, &out);
        if (out.len > 0) {
            const char *option = strcmp(level, "prove") == 0     ? "; with --prove"
                                 : strcmp(level, "attempt") == 0 ? "; with --attempts"
                                                                 : "";

            printf("  ");
            hg_buf_printf(&out, "%s%s%s", option, when ? "; " : "", when ? when : "");
            hg_explain_text(2, hg_buf_text(&out));
            printf("      %s\n", json_string_value(json_object_get(statement, "text")));
            n++;
        }
        hg_buf_done(&out);
    }
    if (n == 0) {
        puts("  nothing");
    }
}

static void say_needs(const json_t *about, const json_t *keys)
{
    const char *key;
    json_t *fact, *ignored;
    size_t i;

    puts("\nreads");
    json_object_foreach ((json_t *)keys, key, ignored) {
        const char *needs = about ? "the probe does not know this fact" : NULL;

        json_array_foreach (json_object_get(about, "facts"), i, fact) {
            if (strcmp(json_string_value(json_object_get(fact, "key")), key) == 0) {
                needs = json_string_value(json_object_get(fact, "needs"));
                needs = needs ? needs : "no right beyond the login";
            }
        }
        if (needs != NULL) {
            printf("  %-29s needs ", key);
            hg_explain_text(38, needs);
        } else {
            printf("  %s\n", key);
        }
    }
}

void hg_explain_sends(const struct hg_check *check, const json_t *about, const char *why)
{
    json_auto_t *keys = json_object();
    char server[64];

    hg_check_keys(check, keys);
    if (strcmp(check->engine, "plan") == 0) {
        puts("\nsends       nothing: it is about the plan itself");
        return;
    }
    if (about != NULL && strcmp(check->engine, "network") != 0) {
        /* always asked: which of its statements fit is known only then */
        snprintf(server, sizeof(server), "%s.server", check->engine);
        json_object_set_new(keys, server, json_true());
    }
    say_needs(about, keys);
    if (about != NULL) {
        say_statements(about, keys);
    } else {
        printf("\nsends\n  ");
        hg_explain_text(2, why);
    }
}
