/* SPDX-License-Identifier: Apache-2.0 */
/* expect_check.c - expectations are verified when they are loaded, not when they are judged. */
#include <jansson.h>
#include <stdio.h>
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

/* A key with a dot in it: all facts have one. */
static bool is_fact(const char *address)
{
    const char *pointer;
    char name[128];

    return hg_address_split(address, name, sizeof(name), &pointer) && strchr(name, '.') != NULL;
}

/* `run/vantage` and its like. */
static bool is_of_run(const char *address)
{
    const char *const *names = hg_run_names();

    for (size_t i = 0; strncmp(address, "run/", 4) == 0 && names[i] != NULL; i++) {
        if (strcmp(address + 4, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* What the references in a value name. */
static bool check_references(const struct hg_at *at)
{
    const char *param = json_string_value(json_object_get(at->value, "param"));
    const char *fact = json_string_value(json_object_get(at->value, "fact"));
    const char *target = json_string_value(json_object_get(at->value, "target"));
    const char *key;
    json_t *child;
    size_t i;

    if (is_reference(at->value)) {
        if (fact != NULL && !is_fact(fact)) {
            return hg_at_fail(at, "`%.120s` is not the address of a fact (key[/pointer])",
                              fact);
        }
        if (target != NULL && strcmp(target, "scope") != 0 && strcmp(target, "engine") != 0) {
            return hg_at_fail(at, "a target has no `%.120s` here; there are scope, engine",
                              target);
        }
        return param == NULL || (param[0] != '\0' && strlen(param) < 200) ||
               hg_at_fail(at, "`param` wants the name of a parameter");
    }
    json_array_foreach (at->value, i, child) {
        struct hg_at below = hg_at_index(at, i);

        if (!check_references(&below)) {
            return false;
        }
    }
    json_object_foreach ((json_t *)at->value, key, child) {
        struct hg_at below = hg_at_key(at, key);

        if (!check_references(&below)) {
            return false;
        }
    }
    return true;
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
    if (!check_references(at)) {
        return false;
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
                    strcmp(name, "target") != 0 && strcmp(name, "run") != 0)) {
            ok = hg_at_fail(at, "`%s` is not the address of a fact (key[/pointer])", key);
        } else if (strcmp(name, "run") == 0 && !is_of_run(key)) {
            ok = hg_at_fail(
                at,
                "`%s`: of a run there is vantage, where, dialled, forward, collect, judge, range, ranges, mysql-host",
                key);
        } else {
            ok = check_matcher(&below);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

struct slots {
    bool says;
    char text[400]; /* what is wrong with the first that is */
};

static void check_slot(void *data, const char *kind, const char *argument)
{
    static const char *const said[] = { "count", "offenders", "expected", "actual" };
    struct slots *slots = data;
    bool is_said = false, is_param = strcmp(kind, "param") == 0 || strcmp(kind, "seconds") == 0;

    if (slots->text[0] != '\0') {
        return;
    }
    for (size_t i = 0; i < HG_COUNT(said); i++) {
        is_said = is_said || strcmp(said[i], kind) == 0;
    }
    if (is_said && argument[0] != '\0') {
        snprintf(slots->text, sizeof(slots->text), "`{%s:%s}`: it is written {%s}", kind,
                 argument, kind);
    } else if (is_said && !slots->says) {
        snprintf(slots->text, sizeof(slots->text), "`{%s}` belongs in `says` only", kind);
    } else if (!is_said && argument[0] == '\0') {
        snprintf(slots->text, sizeof(slots->text), "`{%s}` wants %s: {%s:%s}", kind,
                 is_param ? "a parameter" : "an address", kind,
                 is_param ? "NAME" : "key/pointer");
    } else if (!is_said && !is_param && strcmp(argument, "offender") != 0 &&
               strncmp(argument, "offender/", 9) != 0 && strncmp(argument, "target/", 7) != 0 &&
               strncmp(argument, "param/", 6) != 0 && !is_fact(argument) &&
               !is_of_run(argument)) {
        snprintf(slots->text, sizeof(slots->text),
                 "`%s` in {%s:...} is not the address of a fact, offender/FIELD, target/scope "
                 "or run/NAME",
                 argument, kind);
    }
}

bool hg_check_template(const struct hg_at *at, bool says)
{
    struct slots slots = { .says = says };
    const char *where = NULL, *wrong;

    if (!json_is_string(at->value)) {
        return hg_at_fail(at, "a text is wanted here");
    }
    wrong = hg_template_check(json_string_value(at->value), &where);
    if (wrong != NULL) {
        return hg_at_fail(at, "`%.30s`: %s", where, wrong);
    }
    hg_template_slots(json_string_value(at->value), check_slot, &slots);
    return slots.text[0] == '\0' || hg_at_fail(at, "%s", slots.text);
}
