/* SPDX-License-Identifier: Apache-2.0 */
/* ranges_load.c - `from:`, the named ranges from which a stream comes. */
#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/plan_parts.h"

struct cidr {
    unsigned char bytes[16];
    int family, bits; /* of the prefix */
    char address[INET6_ADDRSTRLEN];
};

static int width(const struct cidr *c)
{
    return c->family == AF_INET ? 32 : 128;
}

/* The address without its host bits, as text. */
static void network_of(const struct cidr *c, char ret[INET6_ADDRSTRLEN])
{
    unsigned char bytes[16];

    memcpy(bytes, c->bytes, sizeof(bytes));
    for (int bit = c->bits; bit < width(c); bit++) {
        bytes[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
    }
    inet_ntop(c->family, bytes, ret, INET6_ADDRSTRLEN);
}

static bool parse_bits(const char *text, struct cidr *ret)
{
    size_t len = strlen(text);

    if (len == 0 || len > 3 || strspn(text, "0123456789") != len ||
        (len > 1 && text[0] == '0')) {
        return false;
    }
    ret->bits = (int)strtol(text, NULL, 10);
    return ret->bits <= width(ret);
}

/* "10.1.0.0/29" and "2001:db8::/64"; everything else is refused with what was meant. */
static bool parse(const struct hg_at *at, struct cidr *ret)
{
    const char *text = json_string_value(at->value), *slash = strchr(text, '/');
    char network[INET6_ADDRSTRLEN];
    size_t len = slash ? (size_t)(slash - text) : strlen(text);

    *ret = (struct cidr){ .family = memchr(text, ':', len) ? AF_INET6 : AF_INET };
    snprintf(ret->address, sizeof(ret->address), "%.*s", (int)(len < 45 ? len : 45), text);
    if (len > 45 || inet_pton(ret->family, ret->address, ret->bytes) != 1) {
        return hg_at_fail(at, "`%.60s` is no range of addresses, such as 10.1.0.0/29", text);
    }
    if (slash == NULL) {
        return hg_at_fail(at,
                          "`%.60s` does not say how many addresses are meant; one alone is "
                          "written %.45s/%d",
                          text, text, width(ret));
    }
    if (!parse_bits(slash + 1, ret)) {
        return hg_at_fail(at, "`%.60s`: after the / comes a number from 1 to %d", text,
                          width(ret));
    }
    if (ret->bits == 0) {
        return hg_at_fail(at,
                          "`%.60s` is every address there is; `from` names the range from "
                          "which the stream comes",
                          text);
    }
    network_of(ret, network);
    inet_ntop(ret->family, ret->bytes, ret->address, sizeof(ret->address));
    return strcmp(network, ret->address) == 0 ||
           hg_at_fail(
               at,
               "`%.60s` has bits after the first %d: the range is %s/%d, the one address "
               "%s/%d",
               text, ret->bits, network, ret->bits, ret->address, width(ret));
}

/* The form in which MySQL takes a range for an account's host; it has none for IPv6. */
static char *mysql_host(const struct cidr *c)
{
    char text[2 * INET6_ADDRSTRLEN + 2];
    unsigned mask = c->bits == 0 ? 0 : ~0U << (32 - c->bits);

    if (c->bits == width(c)) {
        return strdup(c->address);
    }
    if (c->family != AF_INET) {
        return NULL;
    }
    snprintf(text, sizeof(text), "%s/%u.%u.%u.%u", c->address, mask >> 24, mask >> 16 & 255,
             mask >> 8 & 255, mask & 255);
    return strdup(text);
}

static bool take_one(const struct hg_at *at, struct hg_range *range)
{
    struct cidr c;
    char text[INET6_ADDRSTRLEN + 8];

    if (!json_is_string(at->value)) {
        return hg_at_fail(at, "a range is written as text, such as 10.1.0.0/29");
    }
    if (!parse(at, &c)) {
        return false;
    }
    snprintf(text, sizeof(text), "%s/%d", c.address, c.bits);
    free(range->mysql_host);
    range->mysql_host = json_array_size(range->cidrs) == 0 ? mysql_host(&c) : NULL;
    return json_array_append_new(range->cidrs, json_string(text)) == 0 ||
           hg_fail_nomem(at->err);
}

static bool take_range(const struct hg_at *at, const char *name, struct hg_range *range)
{
    size_t i;
    json_t *item;

    range->name = name;
    range->cidrs = json_array();
    if (name[0] == '\0' || strlen(name) > 100) {
        return hg_at_bad_key(at, "a range wants a name");
    }
    json_array_foreach (at->value, i, item) {
        struct hg_at one = hg_at_index(at, i);

        if (!take_one(&one, range)) {
            return false;
        }
    }
    return json_is_array(at->value) || take_one(at, range);
}

bool hg_plan_take_from(const struct hg_at *at, struct hg_plan *plan)
{
    struct hg_at from = hg_at_key(at, "from");
    const char *name;
    json_t *value;

    if (from.value == NULL) {
        return true;
    }
    if (!json_is_object(from.value)) {
        return hg_at_fail(&from, "`from` is a mapping of names to address ranges");
    }
    plan->ranges = calloc(json_object_size(from.value) + 1, sizeof(*plan->ranges));
    if (plan->ranges == NULL) {
        return hg_fail_nomem(at->err);
    }
    json_object_foreach ((json_t *)from.value, name, value) {
        struct hg_at one = hg_at_key(&from, name);

        if (!hg_at_names(&from, name, "range") ||
            !take_range(&one, name, &plan->ranges[plan->n_ranges++])) {
            return false;
        }
    }
    return true;
}
