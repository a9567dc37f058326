/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/value.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define MAX_SAID 160

static void say_list(struct hg_buf *out, const json_t *list)
{
    size_t n = json_array_size(list);

    for (size_t i = 0; i < n && i < 8; i++) {
        hg_buf_puts(out, i > 0 ? ", " : "");
        hg_value_say(out, json_array_get(list, i));
    }
    if (n > 8) {
        hg_buf_printf(out, " and %zu more", n - 8);
    } else if (n == 0) {
        hg_buf_puts(out, "nothing");
    }
}

void hg_value_say(struct hg_buf *out, const json_t *value)
{
    char *text;

    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_STRING:
        if (json_string_length(value) == 0) {
            hg_buf_puts(out, "empty");
        } else {
            hg_text_clean(out, json_string_value(value), json_string_length(value), MAX_SAID);
        }
        break;
    case JSON_ARRAY:
        say_list(out, value);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        hg_buf_puts(out, json_is_true(value) ? "true" : "false");
        break;
    case JSON_NULL:
        hg_buf_puts(out, "nothing");
        break;
    default:
        text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        hg_text_clean(out, text ? text : "?", text ? strlen(text) : 1, MAX_SAID);
        free(text);
    }
}

static int as_switch(const json_t *value)
{
    static const char *const on[] = { "on", "true", "yes", "1", "enabled" };
    static const char *const off[] = { "off", "false", "no", "0", "disabled" };
    const char *text = json_string_value(value);

    if (json_is_boolean(value)) {
        return json_is_true(value);
    }
    if (json_is_integer(value)) {
        return json_integer_value(value) == 1 ? 1 : json_integer_value(value) == 0 ? 0 : -1;
    }
    for (size_t i = 0; text != NULL && i < HG_COUNT(on); i++) {
        if (strcasecmp(text, on[i]) == 0) {
            return 1;
        }
        if (strcasecmp(text, off[i]) == 0) {
            return 0;
        }
    }
    return -1;
}

static bool plain_number(const json_t *value, double *ret)
{
    const char *text = json_string_value(value);
    char *end;

    if (json_is_number(value)) {
        *ret = json_number_value(value);
        return true;
    }
    if (text == NULL || text[0] == '\0' || strspn(text, "0123456789+-.eE") != strlen(text)) {
        return false;
    }
    *ret = strtod(text, &end);
    return *end == '\0' && isfinite(*ret);
}

bool hg_value_same(const json_t *a, const json_t *b)
{
    double x, y;

    if (json_is_string(a) && json_is_string(b) &&
        strcasecmp(json_string_value(a), json_string_value(b)) == 0) {
        return true;
    }
    if (as_switch(a) >= 0 && as_switch(b) >= 0) {
        return as_switch(a) == as_switch(b);
    }
    if (plain_number(a, &x) && plain_number(b, &y)) {
        return !(x < y) && !(x > y);
    }
    return json_equal(a, b) == 1;
}

bool hg_value_number(const json_t *value, double *ret)
{
    const char *text = json_string_value(value);
    long long whole;

    if (plain_number(value, ret)) {
        return true;
    }
    if (text != NULL && (hg_duration_parse(text, &whole) || hg_size_parse(text, &whole))) {
        *ret = (double)whole;
        return true;
    }
    return false;
}

json_t *hg_value_items(const json_t *value, bool *ret_complete)
{
    json_t *items = json_object_get(value, "items");

    *ret_complete = true;
    if (json_is_array(value)) {
        return (json_t *)value;
    }
    if (!json_is_array(items)) {
        return NULL;
    }
    *ret_complete = json_is_true(json_object_get(value, "complete"));
    return items;
}

void hg_value_name(struct hg_buf *out, const json_t *element)
{
    const char *schema = json_string_value(json_object_get(element, "schema"));
    const char *name = json_string_value(json_object_get(element, "name"));
    const char *role = json_string_value(json_object_get(element, "role"));
    const char *object = json_string_value(json_object_get(element, "object"));
    const char *privilege = json_string_value(json_object_get(element, "privilege"));
    json_t *line = json_object_get(element, "line");

    if (privilege != NULL) {
        hg_buf_printf(out, object ? "%s on %s" : "%s", privilege, object);
    } else if (json_is_integer(line) && json_object_get(element, "method") != NULL) {
        hg_buf_printf(out, "line %lld: %s ", (long long)json_integer_value(line),
                      json_string_value(json_object_get(element, "type")));
        hg_value_say(out, json_object_get(element, "databases"));
        hg_buf_putc(out, ' ');
        hg_value_say(out, json_object_get(element, "users"));
        hg_buf_putc(out, ' ');
        hg_value_say(out, json_object_get(element, "address"));
        hg_buf_putc(out, ' ');
        if (json_is_string(json_object_get(element, "netmask"))) {
            hg_value_say(out, json_object_get(element, "netmask"));
            hg_buf_putc(out, ' ');
        }
        hg_value_say(out, json_object_get(element, "method"));
    } else if (name != NULL && json_object_get(element, "outcome") != NULL) {
        hg_buf_printf(out, "%s (%s:%lld, %s)", name,
                      json_string_value(json_object_get(element, "host")),
                      (long long)json_integer_value(json_object_get(element, "port")),
                      json_string_value(json_object_get(element, "outcome")));
    } else if (name != NULL || role != NULL) {
        hg_buf_printf(out, schema ? "%s." : "%s", schema ? schema : "");
        hg_buf_puts(out, name ? name : role);
    } else {
        hg_value_say(out, element);
    }
}
