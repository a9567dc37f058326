/* SPDX-License-Identifier: Apache-2.0 */
/* changes.c - what became of a run since another one, in the same words in every report. */
#include <jansson.h>
#include <string.h>

#include "reports/terminal.h"
#include "reports/words.h"

void hg_put_changes(struct hg_buf *out, const size_t count[HG_CHANGES])
{
    static const enum hg_change order[] = { HG_NEW,   HG_WORSE,      HG_LOST,     HG_BETTER,
                                            HG_FIXED, HG_NEW_WAIVED, HG_UNCHANGED };
    size_t before = out->len;

    for (size_t i = 0; i < HG_COUNT(order); i++) {
        if (count[order[i]] > 0) {
            hg_buf_printf(out, "%s%zu %s", out->len > before ? ", " : "", count[order[i]],
                          hg_change_name(order[i]));
        }
    }
    hg_buf_puts(out, out->len > before ? "" : "nothing changed");
}

void hg_put_since(struct hg_buf *out, const struct hg_run *run)
{
    const struct hg_since *s = &run->since;

    if (s->started_at == NULL) {
        return;
    }
    hg_put_changes(out, s->count);
    hg_buf_printf(out, " since %s", s->started_at);
    if (strcmp(s->name, run->name) != 0) {
        hg_buf_printf(out, "; that was another plan: %s", s->name);
    } else if (strcmp(s->plan_digest, run->plan_digest) != 0) {
        hg_buf_puts(out, "; the plan was changed in between");
    }
    if (strcmp(s->level, run->level) != 0) {
        hg_buf_printf(out, "; that was level %s", s->level);
    }
}

void hg_put_change(struct hg_buf *out, const struct hg_run *run, const struct hg_finding *f)
{
    if (f->since == HG_NEW || f->since == HG_WORSE || f->since == HG_BETTER) {
        hg_buf_printf(out, "%s since %s", hg_change_name(f->since), run->since.started_at);
    }
}

static const char *text_of(const json_t *entry, const char *key)
{
    return json_string_value(json_object_get(entry, key));
}

void hg_put_since_entry(struct hg_buf *out, const json_t *entry)
{
    hg_buf_printf(out, "%s on %s (%s, %s then)", text_of(entry, "check"),
                  text_of(entry, "target"), text_of(entry, "severity"), text_of(entry, "was"));
}
