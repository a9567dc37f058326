/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/words.h"

#include <jansson.h>

#include "reports/escape.h"

enum hg_outcome hg_outcome(const struct hg_finding *f)
{
    switch (f->verdict) {
    case HG_SKIP:
        return HG_OUT_SKIP;
    case HG_WAIVED:
        return HG_OUT_EXCUSED;
    case HG_UNKNOWN:
        return HG_OUT_UNKNOWN;
    case HG_FAIL:
        return f->closes_gate ? HG_OUT_FAILURE : HG_OUT_EXCUSED;
    default:
        return HG_OUT_PASS;
    }
}

void hg_put_name(struct hg_buf *out, const struct hg_run *run, const struct hg_finding *f)
{
    struct hg_buf name = { 0 };
    size_t cut = 480;

    hg_put_plain(&name, f->check, false);
    hg_buf_putc(&name, ' ');
    hg_put_plain(&name, f->target, false);
    if (name.len <= 512) {
        hg_buf_puts(out, hg_buf_text(&name));
    } else {
        while (cut > 0 && ((unsigned char)name.text[cut] & 0xc0) == 0x80) {
            cut--;
        }
        hg_buf_put(out, name.text, cut);
        hg_buf_printf(out, "\xe2\x80\xa6 (finding %zu)", (size_t)(f - run->findings) + 1);
    }
    hg_buf_done(&name);
}

static void line(struct hg_buf *out, const char *label, const char *text)
{
    if (text[0] != '\0') {
        hg_buf_puts(out, label);
        hg_put_plain(out, text, false);
        hg_buf_putc(out, '\n');
    }
}

static void lines(struct hg_buf *out, const char *label, const json_t *list)
{
    size_t i;
    json_t *item;

    json_array_foreach (list, i, item) {
        line(out, label, json_string_value(item));
    }
}

static void fix(struct hg_buf *out, const struct hg_finding *f)
{
    line(out, "fix: ", f->fix_text);
    line(out, "effect: ", f->fix_effect);
    line(out, "who: ", f->fix_who);
    if (f->fix_statement[0] != '\0') {
        hg_buf_puts(out, f->fix_incomplete ? "statement (fill in what stands in <...>):\n"
                                           : "statement:\n");
        hg_put_plain(out, f->fix_statement, true);
        hg_buf_putc(out, '\n');
    }
}

void hg_put_body(struct hg_buf *out, const struct hg_finding *f)
{
    size_t listed = json_array_size(f->offenders);

    line(out, "", f->sentence);
    line(out, "expected: ", f->expected);
    line(out, "found: ", f->actual);
    lines(out, "- ", f->offenders);
    if (f->n_offenders > listed) {
        hg_buf_printf(out, "- and %zu more\n", f->n_offenders - listed);
    }
    line(out, "waits on: ", f->waits_on);
    line(out, "waiver: ", f->waiver);
    line(out, "why: ", f->why);
    fix(out, f);
    lines(out, "see: ", f->refs);
}

void hg_put_excuse(struct hg_buf *out, const struct hg_finding *f)
{
    switch (f->verdict) {
    case HG_WAIVED:
        hg_buf_printf(out, "waived %s", f->waiver);
        break;
    case HG_FAIL:
        hg_buf_printf(out, "below the gate (%s): %s", hg_severity_name(f->severity),
                      f->sentence);
        break;
    default:
        hg_buf_puts(out, f->sentence);
    }
}

void hg_put_attempts(struct hg_buf *out, const struct hg_run_target *t)
{
    long long ms = t->waited_ms > 0 ? t->waited_ms : 0;

    if (t->attempts > 1) {
        hg_buf_printf(out, ", %s after %lld attempts, %lld.%lld s",
                      t->starting ? "not ready" : "ready", t->attempts, ms / 1000,
                      ms % 1000 / 100);
    }
}

void hg_put_fix(struct hg_buf *out, const struct hg_finding *f)
{
    const char *text = f->fix_text[0] == '\0' && f->fix_statement[0] ? "This:" : f->fix_text;

    hg_buf_puts(out, text);
    if (f->fix_effect[0] != '\0' || f->fix_who[0] != '\0') {
        hg_buf_printf(out, "%s(%s%s%s%s)", text[0] ? " " : "", f->fix_effect,
                      f->fix_effect[0] && f->fix_who[0] ? ", " : "", f->fix_who[0] ? "by " : "",
                      f->fix_who);
    }
}
