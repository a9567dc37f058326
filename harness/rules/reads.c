/* SPDX-License-Identifier: Apache-2.0 */
/* reads.c - which facts and parameters a check names, anywhere in it. */
#include <jansson.h>
#include <string.h>

#include "rules/rule.h"
#include "rules/template.h"

struct collecting {
    json_t *keys, *params;
};

static void add_address(struct collecting *c, const char *address)
{
    const char *pointer;
    char key[128];

    if (address[0] == '/' || !hg_address_split(address, key, sizeof(key), &pointer)) {
        return;
    }
    if (strcmp(key, "param") == 0) {
        if (c->params != NULL && pointer[0] == '/') {
            json_object_set_new(c->params, pointer + 1, json_true());
        }
    } else if (strchr(key, '.') != NULL && c->keys != NULL) {
        json_object_set_new(c->keys, key, json_true());
    }
}

static void add_slot(void *data, const char *kind, const char *argument)
{
    struct collecting *c = data;

    if (strcmp(kind, "param") == 0 || strcmp(kind, "seconds") == 0) {
        if (c->params != NULL) {
            json_object_set_new(c->params, argument, json_true());
        }
    } else if (argument[0] != '\0' && strncmp(argument, "offender", 8) != 0) {
        add_address(c, argument);
    }
}

/* In an expectation every key with a dot before any slash is an address, and {fact:}, {param:}
 * stand where values may; in texts there are slots. */
static void walk(struct collecting *c, const json_t *value, bool texts, int depth)
{
    const char *key;
    json_t *child;
    size_t i;

    if (depth > 40) {
        return;
    }
    if (json_is_string(value) && texts) {
        hg_template_slots(json_string_value(value), add_slot, c);
    }
    json_array_foreach (value, i, child) {
        walk(c, child, texts, depth + 1);
    }
    json_object_foreach ((json_t *)value, key, child) {
        const char *text = json_string_value(child);

        if (text != NULL && !texts && strcmp(key, "fact") == 0) {
            add_address(c, text);
        } else if (text != NULL && !texts && strcmp(key, "param") == 0) {
            add_slot(c, "param", text);
        } else {
            if (!texts) {
                add_address(c, key);
            }
            /* in texts, `facts` of a variant's `when` is an expectation */
            walk(c, child, texts && strcmp(key, "facts") != 0, depth + 1);
        }
    }
}

static void collect(const struct hg_check *check, struct collecting *c)
{
    size_t i;
    json_t *item;

    walk(c, check->expect, false, 0);
    walk(c, check->severity_when, false, 0);
    walk(c, json_object_get(check->applies, "when"), false, 0);
    json_array_foreach (check->undecided, i, item) {
        walk(c, json_object_get(item, "when"), false, 0);
        walk(c, json_object_get(item, "says"), true, 0);
        walk(c, json_object_get(item, "fix"), true, 0);
    }
    walk(c, check->says, true, 0);
    walk(c, check->fix, true, 0);
    walk(c, check->look, true, 0);
}

void hg_check_keys(const struct hg_check *check, json_t *keys)
{
    struct collecting c = { keys, NULL };

    collect(check, &c);
}

void hg_check_params(const struct hg_check *check, json_t *names)
{
    struct collecting c = { NULL, names };

    collect(check, &c);
}
