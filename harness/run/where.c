/* SPDX-License-Identifier: Apache-2.0 */
/*
 * where.c - from where a target was looked at. A time-out seen from outside says nothing about
 * a stream that comes from inside, and through a tunnel the server sees the tunnel's end: the
 * connection checks name such cases by these values (docs/CHECK-FORMAT.md, `run/…`).
 */
#include <jansson.h>
#include <string.h>

#include "run/run.h"

/* A plan that says nothing and dials another place than the secret's goes through a tunnel. */
static const char *vantage_of(const struct hg_collection *c, const struct hg_collected *item)
{
    return c->vantage[0] != '\0' ? c->vantage : item->connect != NULL ? "tunnel" : "unstated";
}

static const char *in_words(const char *vantage)
{
    return strcmp(vantage, "inside") == 0    ? "inside the network"
           : strcmp(vantage, "outside") == 0 ? "outside the network"
           : strcmp(vantage, "tunnel") == 0
               ? "the far end of a tunnel"
               : "a place that the plan does not name (`vantage:` inside, tunnel or outside)";
}

static void put_place(const struct hg_collected *item, struct hg_buf *out)
{
    const json_t *payload = hg_facts_get(item->facts, "secret.payload").value;
    const json_t *connect = item->connect;
    const char *host = json_string_value(json_object_get(connect, "host"));
    json_int_t port = json_integer_value(json_object_get(connect, "port"));
    bool v6;

    host = host ? host : json_string_value(json_object_get(payload, "host"));
    port = port > 0 ? port : json_integer_value(json_object_get(payload, "port"));
    if (host == NULL) {
        hg_buf_puts(out, "the host of the secret");
        return;
    }
    v6 = strchr(host, ':') != NULL;
    hg_buf_printf(out, v6 ? "[%s]" : "%s", host);
    if (port > 0) {
        hg_buf_printf(out, ":%lld", (long long)port);
    }
}

/* A word for a shell, in quotes only where it needs them. */
static void put_word(struct hg_buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./:@%+,=-";

    if (word[0] != '\0' && word[0] != '-' && strspn(word, plain) == strlen(word)) {
        hg_buf_puts(out, word);
        return;
    }
    hg_buf_puts(out, word[0] == '-' ? "./'" : "'");
    for (; *word != '\0'; word++) {
        hg_buf_puts(out, *word == '\'' ? "'\\''" : (char[]){ *word, '\0' });
    }
    hg_buf_putc(out, '\'');
}

/* "127.0.0.1:13306:db.internal:3306", for ssh -L. */
static void put_forward(const struct hg_collected *item, const struct hg_buf *place,
                        struct hg_buf *out)
{
    const json_t *payload = hg_facts_get(item->facts, "secret.payload").value;
    const char *host = json_string_value(json_object_get(payload, "host"));
    json_int_t port = json_integer_value(json_object_get(payload, "port"));
    struct hg_buf word = { 0 };

    if (item->connect != NULL && host != NULL && port > 0) {
        hg_buf_printf(&word, strchr(host, ':') ? "%s:[%s]:%lld" : "%s:%s:%lld",
                      hg_buf_text(place), host, (long long)port);
        put_word(out, hg_buf_text(&word));
    }
    hg_buf_done(&word);
}

/* The lines to run inside and here. Inside nothing is dialled but the secrets' own hosts. */
static void put_commands(const struct hg_plan *plan, enum hg_level level,
                         struct hg_buf *collect, struct hg_buf *judge)
{
    hg_buf_puts(collect, "headgate collect ");
    put_word(collect, plan->path);
    hg_buf_printf(collect, "%s --vantage inside -o facts",
                  level == HG_LEVEL_ATTEMPT                 ? " --attempts"
                  : level == HG_LEVEL_PROVE && !plan->prove ? " --prove"
                                                            : "");
    hg_buf_puts(judge, "headgate judge ");
    put_word(judge, plan->path);
    hg_buf_puts(judge, " --facts facts");
}

/* The range of the stream, in the forms that fixes want; what has none is left out. */
static void put_ranges(const struct hg_plan *plan, json_t *into)
{
    const struct hg_range *range = hg_plan_stream(plan);
    struct hg_buf all = { 0 };
    size_t i;
    json_t *item;

    if (range == NULL) {
        return;
    }
    json_array_foreach (range->cidrs, i, item) {
        hg_buf_printf(&all, "%s%s", i > 0 ? "," : "", json_string_value(item));
    }
    if (json_array_size(range->cidrs) == 1) {
        json_object_set(into, "range", json_array_get(range->cidrs, 0));
    }
    if (range->mysql_host != NULL) {
        json_object_set_new(into, "mysql-host", json_string(range->mysql_host));
    }
    json_object_set_new(into, "ranges", json_string(hg_buf_text(&all)));
    hg_buf_done(&all);
}

json_t *hg_where(const struct hg_plan *plan, const struct hg_target *target,
                 const struct hg_collection *collection, const struct hg_collected *item)
{
    const char *vantage = vantage_of(collection, item);
    struct hg_buf place = { 0 }, forward = { 0 }, collect = { 0 }, judge = { 0 };
    json_t *ret;

    if (target->secret.kind != HG_SECRET_NONE || target->auditor.kind != HG_SECRET_NONE) {
        put_place(item, &place);
        put_forward(item, &place, &forward);
    }
    put_commands(plan, collection->level, &collect, &judge);
    ret = json_pack("{s:s, s:s, s:s*, s:s*, s:s, s:s}", "vantage", vantage, "where",
                    in_words(vantage), "dialled", place.len > 0 ? hg_buf_text(&place) : NULL,
                    "forward", forward.len > 0 ? hg_buf_text(&forward) : NULL, "collect",
                    hg_buf_text(&collect), "judge", hg_buf_text(&judge));
    if (ret != NULL) {
        put_ranges(plan, ret);
    }
    hg_buf_done(&place);
    hg_buf_done(&forward);
    hg_buf_done(&collect);
    hg_buf_done(&judge);
    return ret;
}
