/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/words.h"

#include <jansson.h>
#include <string.h>

static void line(struct hg_buf *out, const char *label, const char *text)
{
    if (text[0] != '\0') {
        hg_buf_printf(out, "%s%s\n", label, text);
    }
}

void hg_put_body(struct hg_buf *out, const struct hg_finding *f)
{
    size_t i;
    json_t *item;

    line(out, "", f->sentence);
    line(out, "expected: ", f->expected);
    line(out, "actual: ", f->actual);
    json_array_foreach (f->offenders, i, item) {
        hg_buf_printf(out, "offender: %s\n", json_string_value(item));
    }
    if (f->n_offenders > json_array_size(f->offenders)) {
        hg_buf_printf(out, "and %zu more\n", f->n_offenders - json_array_size(f->offenders));
    }
    line(out, "why: ", f->why);
    line(out, "fix: ", f->fix_text);
    line(out, "", f->fix_statement);
    if (f->fix_incomplete) {
        hg_buf_puts(out,
                    "(fill in what stands in <...>, or repeat it for what is not listed)\n");
    }
    json_array_foreach (f->refs, i, item) {
        hg_buf_printf(out, "source: %s\n", json_string_value(item));
    }
}

bool hg_is_trouble(const struct hg_finding *f)
{
    return (f->verdict == HG_FAIL && f->closes_gate) || f->verdict == HG_UNKNOWN;
}

const char *hg_excuse(const struct hg_finding *f, struct hg_buf *room)
{
    hg_buf_clear(room);
    switch (f->verdict) {
    case HG_SKIP:
        hg_buf_puts(room, f->sentence);
        break;
    case HG_WAIVED:
        hg_buf_printf(room, "waived %s", f->waiver);
        break;
    case HG_FAIL:
        if (f->closes_gate) {
            return NULL;
        }
        hg_buf_printf(room, "below the gate (%s): %s", hg_severity_name(f->severity),
                      f->sentence);
        break;
    default:
        return NULL;
    }
    return hg_buf_text(room);
}

size_t hg_next_of(const struct hg_run *run, const struct hg_run_target *target, size_t from)
{
    while (from < run->n_findings && strcmp(run->findings[from].target, target->id) != 0) {
        from++;
    }
    return from;
}

size_t hg_count_of(const struct hg_run *run, const struct hg_run_target *target)
{
    size_t n = 0;

    for (size_t i = hg_next_of(run, target, 0); i < run->n_findings;
         i = hg_next_of(run, target, i + 1)) {
        n++;
    }
    return n;
}
