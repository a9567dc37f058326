/* SPDX-License-Identifier: Apache-2.0 */
/* expect_check.c - expectations are verified when they are loaded, not when they are judged. */
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "load/check_parts.h"
#include "rules/rule.h"
#include "rules/template.h"

static bool is_reference(const json_t *value)
{
    return json_object_size(value) == 1 && (json_is_string(json_object_get(value, "param")) ||
                                            json_is_string(json_object_get(value, "fact")) ||
                                            json_is_string(json_object_get(value, "target")));
}

static bool holds_reference(const json_t *value, int depth)
{
    const char *key;
    json_t *child;
    size_t i;

    if (is_reference(value) || depth > 16) {
        return true;
    }
    json_array_foreach (value, i, child) {
        if (holds_reference(child, depth + 1)) {
            return true;
        }
    }
    json_object_foreach ((json_t *)value, key, child) {
        if (holds_reference(child, depth + 1)) {
            return true;
        }
    }
    return false;
}

static bool is_quantifier(const char *name)
{
    return strcmp(name, "every") == 0 || strcmp(name, "some") == 0 || strcmp(name, "none") == 0;
}

static bool check_operator(const struct hg_at *at, const char *name)
{
    const struct hg_operator *op = hg_operator_find(name);
    const char *wanted;

    if (op == NULL) {
        const char *near = hg_did_you_mean(name, hg_operator_names());

        return hg_at_fail(at, "`%s` is not an operator%s%s%s", name,
                          near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    }
    wanted = holds_reference(at->value, 0) ? NULL : op->wants(at->value);
    return wanted == NULL || hg_at_fail(at, "`%s` wants %s", name, wanted);
}

/* `{ /field: matcher, operator: value, where: {…} }` over the elements of a list. */
static bool check_element(const struct hg_at *at)
{
    const char *key;
    json_t *value;

    if (json_object_size(at->value) == 0) {
        return hg_at_fail(at, "a quantifier wants a mapping of `/field: matcher` or operators");
    }
    json_object_foreach ((json_t *)at->value, key, value) {
        struct hg_at below = hg_at_key(at, key);

        if (strcmp(key, "where") == 0) {
            if (!hg_check_expect(&below, true)) {
                return false;
            }
        } else if (key[0] == '/' || strcmp(key, "all") == 0 || strcmp(key, "any") == 0 ||
                   strcmp(key, "not") == 0) {
            json_auto_t *one = json_pack("{s:O}", key, value);
            struct hg_at alone = *at;

            alone.value = one;
            if (!hg_check_expect(&alone, true)) {
                return false;
            }
        } else if (!check_operator(&below, key)) {
            return false;
        }
    }
    return true;
}

static bool check_matcher(const struct hg_at *at)
{
    static const char *const empties[] = { "pass", "fail", "skip", "unknown", NULL };
    const char *key;
    json_t *value;
    int ignored = 0;

    if (json_object_size(at->value) == 0) {
        return hg_at_fail(at, "a matcher is a mapping of operators, such as { equals: ROW }");
    }
    json_object_foreach ((json_t *)at->value, key, value) {
        struct hg_at below = hg_at_key(at, key);

        if (is_quantifier(key)) {
            if (!check_element(&below)) {
                return false;
            }
        } else if (strcmp(key, "empty") == 0 && json_is_string(value)) {
            if (!hg_at_word(at, key, true, empties, &ignored)) {
                return false;
            }
        } else if (!check_operator(&below, key)) {
            return false;
        }
    }
    return true;
}

static bool check_list(const struct hg_at *at, bool in_element)
{
    size_t i;
    json_t *item;

    if (json_array_size(at->value) == 0) {
        return hg_at_fail(at, "a list of expectations is wanted");
    }
    json_array_foreach (at->value, i, item) {
        struct hg_at below = hg_at_index(at, i);

        if (!hg_check_expect(&below, in_element)) {
            return false;
        }
    }
    return true;
}

bool hg_check_expect(const struct hg_at *at, bool in_element)
{
    const char *key, *pointer;
    json_t *value;
    char name[128];

    if (json_object_size(at->value) == 0) {
        return hg_at_fail(at, "an expectation is a mapping that says something");
    }
    json_object_foreach ((json_t *)at->value, key, value) {
        struct hg_at below = hg_at_key(at, key);
        bool ok;

        if (strcmp(key, "all") == 0 || strcmp(key, "any") == 0) {
            ok = check_list(&below, in_element);
        } else if (strcmp(key, "not") == 0) {
            ok = hg_check_expect(&below, in_element);
        } else if (key[0] == '/' && in_element) {
            ok = check_matcher(&below);
        } else if (key[0] == '/' || !hg_address_split(key, name, sizeof(name), &pointer) ||
                   (strchr(name, '.') == NULL && strcmp(name, "param") != 0 &&
                    strcmp(name, "target") != 0)) {
            ok = hg_at_fail(at, "`%s` is not the address of a fact (key[/pointer])", key);
        } else {
            ok = check_matcher(&below);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

bool hg_check_template(const struct hg_at *at)
{
    const char *where = NULL, *wrong;

    if (!json_is_string(at->value)) {
        return hg_at_fail(at, "a text is wanted here");
    }
    wrong = hg_template_check(json_string_value(at->value), &where);
    return wrong == NULL || hg_at_fail(at, "`%.30s`: %s", where, wrong);
}
