/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <pcre2.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rules/privileges.h"
#include "rules/rule.h"
#include "rules/value.h"

static enum hg_verdict told(bool holds, const json_t *got, const json_t *want,
                            struct hg_said *said, const char *phrase)
{
    if (!holds) {
        hg_buf_puts(&said->expected, phrase);
        hg_value_say(&said->expected, want);
        hg_value_say(&said->actual, got);
    }
    return holds ? HG_PASS : HG_FAIL;
}

static bool is_one_of(const json_t *got, const json_t *want)
{
    size_t i;
    json_t *item;

    json_array_foreach (want, i, item) {
        if (hg_value_same(got, item)) {
            return true;
        }
    }
    return false;
}

static enum hg_verdict op_equals(const json_t *got, const json_t *want, struct hg_said *said)
{
    return told(hg_value_same(got, want), got, want, said, "");
}

static enum hg_verdict op_not_equals(const json_t *got, const json_t *want,
                                     struct hg_said *said)
{
    return told(!hg_value_same(got, want), got, want, said, "anything but ");
}

static enum hg_verdict op_one_of(const json_t *got, const json_t *want, struct hg_said *said)
{
    return told(is_one_of(got, want), got, want, said, "one of ");
}

static enum hg_verdict op_none_of(const json_t *got, const json_t *want, struct hg_said *said)
{
    return told(!is_one_of(got, want), got, want, said, "none of ");
}

/* -1, 0, 1, or 2 when one of the two is no number. */
static int order(const json_t *got, const json_t *want)
{
    double a, b;

    if (!hg_value_number(got, &a) || !hg_value_number(want, &b)) {
        return 2;
    }
    return a < b ? -1 : a > b ? 1 : 0;
}

static enum hg_verdict compared(const json_t *got, const json_t *want, struct hg_said *said,
                                bool holds, const char *phrase)
{
    if (order(got, want) == 2) {
        hg_buf_puts(&said->expected, "a number");
        hg_value_say(&said->actual, got);
        return HG_UNKNOWN;
    }
    return told(holds, got, want, said, phrase);
}

static enum hg_verdict op_at_least(const json_t *got, const json_t *want, struct hg_said *said)
{
    return compared(got, want, said, order(got, want) >= 0, "at least ");
}

static enum hg_verdict op_at_most(const json_t *got, const json_t *want, struct hg_said *said)
{
    return compared(got, want, said, order(got, want) <= 0, "at most ");
}

static enum hg_verdict op_more_than(const json_t *got, const json_t *want, struct hg_said *said)
{
    return compared(got, want, said, order(got, want) > 0, "more than ");
}

static enum hg_verdict op_less_than(const json_t *got, const json_t *want, struct hg_said *said)
{
    return compared(got, want, said, order(got, want) < 0, "less than ");
}

static bool is_like(const json_t *got, const json_t *want)
{
    size_t i;
    json_t *item;

    if (json_is_string(want)) {
        return json_is_string(got) && hg_glob(json_string_value(want), json_string_value(got));
    }
    json_array_foreach (want, i, item) {
        if (is_like(got, item)) {
            return true;
        }
    }
    return false;
}

static enum hg_verdict op_like(const json_t *got, const json_t *want, struct hg_said *said)
{
    return told(is_like(got, want), got, want, said, "like ");
}

static enum hg_verdict op_not_like(const json_t *got, const json_t *want, struct hg_said *said)
{
    return told(!is_like(got, want), got, want, said, "nothing like ");
}

static pcre2_code *compile(const char *pattern)
{
    int code;
    PCRE2_SIZE offset;

    return pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &offset,
                         NULL);
}

/* The match limit bounds what a hostile text can cost (PCRE2: pcre2_set_match_limit). */
static enum hg_verdict op_matches(const json_t *got, const json_t *want, struct hg_said *said)
{
    const char *pattern = json_string_value(want), *text = json_string_value(got);
    pcre2_code *code = pattern && text ? compile(pattern) : NULL;
    pcre2_match_data *data = code ? pcre2_match_data_create_from_pattern(code, NULL) : NULL;
    pcre2_match_context *limits = data ? pcre2_match_context_create(NULL) : NULL;
    int rc = PCRE2_ERROR_NOMATCH;

    if (limits != NULL) {
        pcre2_set_match_limit(limits, 100000);
        rc = pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, data, limits);
    }
    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    pcre2_code_free(code);
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH) {
        return HG_UNKNOWN;
    }
    return told(rc >= 0, got, want, said, "text that matches ");
}

static bool has(const json_t *got, const json_t *item)
{
    bool complete;
    json_t *items = hg_value_items(got, &complete);

    if (items != NULL) {
        return is_one_of(item, items);
    }
    return json_is_string(got) && json_is_string(item) &&
           strstr(json_string_value(got), json_string_value(item)) != NULL;
}

/* How many of `want` (a list, or one value) the list or text has. */
static size_t how_many(const json_t *got, const json_t *want, size_t *ret_of)
{
    size_t n = 0, i;
    json_t *item;

    if (!json_is_array(want)) {
        *ret_of = 1;
        return has(got, want);
    }
    *ret_of = json_array_size(want);
    json_array_foreach (want, i, item) {
        n += has(got, item);
    }
    return n;
}

static bool incomplete(const json_t *got)
{
    bool complete;

    return hg_value_items(got, &complete) != NULL && !complete;
}

static enum hg_verdict op_contains(const json_t *got, const json_t *want, struct hg_said *said)
{
    size_t of, n = how_many(got, want, &of);
    enum hg_verdict v = told(n == of, got, want, said, "something with ");

    return v == HG_FAIL && incomplete(got) ? HG_UNKNOWN : v;
}

static enum hg_verdict op_excludes(const json_t *got, const json_t *want, struct hg_said *said)
{
    size_t of;
    enum hg_verdict v = told(how_many(got, want, &of) == 0, got, want, said, "nothing with ");

    return v == HG_PASS && incomplete(got) ? HG_UNKNOWN : v;
}

static size_t length_of(const json_t *got)
{
    bool complete;
    json_t *items = hg_value_items(got, &complete);

    return items                 ? json_array_size(items)
           : json_is_object(got) ? json_object_size(got)
           : json_is_string(got) ? json_string_length(got)
                                 : 1;
}

static enum hg_verdict op_empty(const json_t *got, const json_t *want, struct hg_said *said)
{
    bool is_empty = json_is_null(got) || length_of(got) == 0;

    if (is_empty == json_is_true(want)) {
        return is_empty && incomplete(got) ? HG_UNKNOWN : HG_PASS;
    }
    hg_buf_puts(&said->expected, json_is_true(want) ? "empty" : "not empty");
    hg_value_say(&said->actual, got);
    return is_empty && incomplete(got) ? HG_UNKNOWN : HG_FAIL;
}

/* `length: { at_least: 1 }`: the matcher's operators over the number of elements. */
static enum hg_verdict op_length(const json_t *got, const json_t *want, struct hg_said *said)
{
    json_auto_t *count = json_integer((json_int_t)length_of(got));
    enum hg_verdict v = HG_PASS;
    const char *name;
    json_t *bound;

    json_object_foreach ((json_t *)want, name, bound) {
        const struct hg_operator *op = hg_operator_find(name);

        v = hg_verdict_and(v, op ? op->holds(count, bound, said) : HG_UNKNOWN);
    }
    return v == HG_FAIL && incomplete(got) ? HG_UNKNOWN : v;
}

static enum hg_verdict op_version(const json_t *got, const json_t *want, struct hg_said *said)
{
    enum hg_verdict v = HG_UNKNOWN;

    if (json_is_string(got) && json_is_string(want)) {
        v = hg_version_holds(json_string_value(got), json_string_value(want));
    }
    if (v != HG_PASS) {
        told(false, got, want, said, "version ");
    }
    return v;
}

/* `absent` is judged where addresses are resolved: a value that is here is not absent. */
static enum hg_verdict op_absent(const json_t *got, const json_t *want, struct hg_said *said)
{
    if (!json_is_true(want)) {
        return HG_PASS;
    }
    hg_buf_puts(&said->expected, "not there");
    hg_value_say(&said->actual, got);
    return HG_FAIL;
}

/* ---- privileges ---- */

static const json_t *nth(const json_t *one_or_list, size_t i)
{
    return json_is_array(one_or_list) ? json_array_get(one_or_list, i)
           : i == 0                   ? one_or_list
                                      : NULL;
}

static void miss(struct hg_said *said, const char *privilege, const char *object)
{
    if (said->offenders == NULL) {
        said->offenders = json_array();
    }
    json_array_append_new(said->offenders,
                          json_pack("{s:s, s:s}", "privilege", privilege, "object", object));
    hg_buf_printf(&said->expected, "%s%s on %s", said->expected.len > 0 ? ", " : "", privilege,
                  object);
}

static void say_held(const json_t *grants, struct hg_said *said)
{
    bool understood;
    json_auto_t *held = hg_mysql_privileges(grants, &understood);
    size_t i;
    json_t *item;

    json_array_foreach (held, i, item) {
        hg_buf_printf(&said->actual, "%s%s on %s", i > 0 ? ", " : "",
                      json_string_value(json_object_get(item, "privilege")),
                      json_string_value(json_object_get(item, "object")));
        if (i == 11) {
            hg_buf_printf(&said->actual, " and %zu more", json_array_size(held) - 12);
            break;
        }
    }
    if (json_array_size(held) == 0) {
        hg_buf_puts(&said->actual, "no privilege");
    }
}

static enum hg_verdict op_mysql_allows(const json_t *got, const json_t *want,
                                       struct hg_said *said)
{
    const json_t *privileges = json_object_get(want, "privilege");
    const json_t *objects = json_object_get(want, "on"), *p, *o;
    enum hg_verdict v = nth(objects, 0) && nth(privileges, 0) ? HG_PASS : HG_UNKNOWN;

    for (size_t i = 0; (o = nth(objects, i)) != NULL; i++) {
        for (size_t j = 0; (p = nth(privileges, j)) != NULL; j++) {
            const char *privilege = json_string_value(p), *object = json_string_value(o);
            enum hg_verdict one = privilege && object ? hg_mysql_allows(got, privilege, object)
                                                      : HG_UNKNOWN;

            if (one == HG_FAIL) {
                miss(said, privilege, object);
            }
            v = hg_verdict_and(v, one);
        }
    }
    if (v != HG_PASS) {
        say_held(got, said);
    }
    return v;
}

static enum hg_verdict op_mysql_only(const json_t *got, const json_t *want,
                                     struct hg_said *said)
{
    const char *on = json_string_value(json_object_get(want, "on"));
    json_t *allowed = json_object_get(want, "privileges"), *item;
    bool understood;
    json_auto_t *held = hg_mysql_privileges(got, &understood);
    enum hg_verdict v = understood ? HG_PASS : HG_UNKNOWN;
    size_t i;

    json_array_foreach (held, i, item) {
        const char *object = json_string_value(json_object_get(item, "object"));
        json_t *privilege = json_object_get(item, "privilege");

        if (on == NULL || strcmp(object, on) != 0 || is_one_of(privilege, allowed) ||
            strcmp(json_string_value(privilege), "USAGE") == 0) {
            continue;
        }
        miss(said, json_string_value(privilege), object);
        v = HG_FAIL;
    }
    if (v == HG_FAIL) {
        hg_buf_clear(&said->expected);
        hg_buf_puts(&said->expected, "only ");
        hg_value_say(&said->expected, allowed);
        say_held(got, said);
    }
    return v;
}

static enum hg_verdict op_mongodb_allows(const json_t *got, const json_t *want,
                                         struct hg_said *said)
{
    const char *db = json_string_value(json_object_get(want, "db"));
    const char *collection = json_string_value(json_object_get(want, "collection"));
    json_auto_t *missing = json_array();
    enum hg_verdict v = HG_UNKNOWN;
    size_t i;
    json_t *action;
    char object[256];

    if (db != NULL) {
        v = hg_mongodb_allows(json_object_get(got, "privileges"),
                              json_object_get(want, "actions"), db,
                              collection ? collection : "", missing);
    }
    snprintf(object, sizeof(object), "%s%s%s", db ? db : "?",
             collection && *collection ? "." : "", collection ? collection : "");
    json_array_foreach (missing, i, action) {
        miss(said, json_string_value(action), object);
    }
    if (v == HG_FAIL) {
        hg_buf_printf(&said->actual, "%zu of %zu actions missing", json_array_size(missing),
                      json_array_size(json_object_get(want, "actions")));
    }
    return v;
}

/* ---- what each may want ---- */

static const char *any(const json_t *want)
{
    return json_is_object(want) ? "a value" : NULL;
}

static const char *list(const json_t *want)
{
    return json_is_array(want) && json_array_size(want) > 0 ? NULL : "a list";
}

static const char *number(const json_t *want)
{
    double ignored;

    return hg_value_number(want, &ignored) ? NULL : "a number, a duration or a size";
}

static const char *text_or_list(const json_t *want)
{
    return json_is_string(want) ? NULL : list(want) ? "a text or a list of texts" : NULL;
}

static const char *pattern(const json_t *want)
{
    pcre2_code *code = json_is_string(want) ? compile(json_string_value(want)) : NULL;

    pcre2_code_free(code);
    return code ? NULL : "a valid pattern";
}

static const char *yes_or_no(const json_t *want)
{
    return json_is_boolean(want) ? NULL : "true or false";
}

static const char *version(const json_t *want)
{
    return json_is_string(want) && hg_version_holds("1", json_string_value(want)) != HG_UNKNOWN
               ? NULL
               : "version terms such as \">= 8.0 < 9\"";
}

static const char *bounds(const json_t *want)
{
    const char *name;
    json_t *bound;

    json_object_foreach ((json_t *)want, name, bound) {
        const struct hg_operator *op = hg_operator_find(name);

        if (op == NULL || op->wants != number) {
            return "bounds such as { at_least: 1 }";
        }
    }
    return json_object_size(want) > 0 ? NULL : "bounds such as { at_least: 1 }";
}

static const char *mysql_right(const json_t *want)
{
    return json_object_get(want, "privilege") && json_object_get(want, "on")
               ? NULL
               : "{ privilege: NAME, on: OBJECT }";
}

static const char *mysql_rights(const json_t *want)
{
    return json_object_get(want, "privileges") && json_object_get(want, "on")
               ? NULL
               : "{ privileges: [NAME, ...], on: OBJECT }";
}

static const char *mongodb_right(const json_t *want)
{
    return json_is_array(json_object_get(want, "actions")) && json_object_get(want, "db")
               ? NULL
               : "{ actions: [NAME, ...], db: NAME, collection: NAME }";
}

/* Sorted by name. A new operator is a function above and a line here. */
static const struct hg_operator operators[] = {
    { "absent",         op_absent,         yes_or_no     },
    { "at_least",       op_at_least,       number        },
    { "at_most",        op_at_most,        number        },
    { "contains",       op_contains,       any           },
    { "empty",          op_empty,          yes_or_no     },
    { "equals",         op_equals,         any           },
    { "excludes",       op_excludes,       any           },
    { "length",         op_length,         bounds        },
    { "less_than",      op_less_than,      number        },
    { "like",           op_like,           text_or_list  },
    { "matches",        op_matches,        pattern       },
    { "mongodb_allows", op_mongodb_allows, mongodb_right },
    { "more_than",      op_more_than,      number        },
    { "mysql_allows",   op_mysql_allows,   mysql_right   },
    { "mysql_only",     op_mysql_only,     mysql_rights  },
    { "none_of",        op_none_of,        list          },
    { "not_equals",     op_not_equals,     any           },
    { "not_like",       op_not_like,       text_or_list  },
    { "one_of",         op_one_of,         list          },
    { "version",        op_version,        version       },
};

const struct hg_operator *hg_operator_find(const char *name)
{
    for (size_t i = 0; i < HG_COUNT(operators); i++) {
        if (strcmp(operators[i].name, name) == 0) {
            return &operators[i];
        }
    }
    return NULL;
}

const char *const *hg_operator_names(void)
{
    static const char *const names[] = {
        "absent",    "at_least",     "at_most",    "contains", "empty",      "equals",
        "excludes",  "length",       "less_than",  "like",     "matches",    "mongodb_allows",
        "more_than", "mysql_allows", "mysql_only", "none_of",  "not_equals", "not_like",
        "one_of",    "version",      "every",      "some",     "none",       NULL,
    };

    return names;
}
