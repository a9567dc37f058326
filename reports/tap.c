/* SPDX-License-Identifier: Apache-2.0 */
/* tap.c - Test Anything Protocol. Version 13, flat, by default: Debian 12's prove refuses a
 * version 14 line. `tap14` has a subtest for each target. */
#include <jansson.h>

#include "reports/escape.h"
#include "reports/words.h"
#include "reports/writer.h"

static void diagnostics(struct hg_buf *out, const struct hg_finding *f, const char *indent)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        { "message",   f->sentence                   },
        { "severity",  hg_severity_name(f->severity) },
        { "verdict",   hg_verdict_name(f->verdict)   },
        { "expected",  f->expected                   },
        { "actual",    f->actual                     },
        { "why",       f->why                        },
        { "fix",       f->fix_text                   },
        { "statement", f->fix_statement              },
        { "waits_on",  f->waits_on                   },
    };

    hg_buf_printf(out, "%s  ---\n", indent);
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        if (rows[i].value[0] != '\0') {
            hg_buf_printf(out, "%s  %s: ", indent, rows[i].name);
            hg_put_quoted(out, rows[i].value);
            hg_buf_putc(out, '\n');
        }
    }
    hg_buf_printf(out, "%s  ...\n", indent);
}

static void point(struct hg_buf *out, const struct hg_finding *f, size_t number,
                  const char *indent)
{
    struct hg_buf room = { 0 };
    const char *excuse = hg_excuse(f, &room);
    bool ok = f->verdict == HG_PASS || f->verdict == HG_SKIP;

    hg_buf_printf(out, "%s%s %zu - ", indent, ok ? "ok" : "not ok", number);
    hg_put_tap(out, f->check);
    hg_buf_putc(out, ' ');
    hg_put_tap(out, f->target);
    if (excuse != NULL) {
        hg_buf_puts(out, ok ? " # SKIP " : " # TODO ");
        hg_put_tap(out, excuse);
    }
    hg_buf_putc(out, '\n');
    if (!ok) {
        diagnostics(out, f, indent);
    }
    hg_buf_done(&room);
}

static void fault(struct hg_buf *out, const struct hg_run_target *t, size_t index,
                  size_t number, const char *indent)
{
    hg_buf_printf(out, "%snot ok %zu - headgate.error ", indent, number);
    hg_put_tap(out, t->id);
    hg_buf_printf(out, "\n%s  ---\n%s  message: ", indent, indent);
    hg_put_quoted(out, json_string_value(json_array_get(t->errors, index)));
    hg_buf_printf(out, "\n%s  ...\n", indent);
}

static size_t faults(const struct hg_run *run)
{
    size_t n = 0;

    for (size_t i = 0; i < run->n_targets; i++) {
        n += json_array_size(run->targets[i].errors);
    }
    return n;
}

static void plan(struct hg_buf *out, size_t n, const char *indent)
{
    hg_buf_printf(out, n > 0 ? "%s1..%zu\n" : "%s1..%zu # SKIP nothing was selected\n", indent,
                  n);
}

static size_t points_of(struct hg_buf *out, const struct hg_run *run,
                        const struct hg_run_target *t, size_t number, const char *indent)
{
    for (size_t i = hg_next_of(run, t, 0); i < run->n_findings; i = hg_next_of(run, t, i + 1)) {
        point(out, &run->findings[i], number++, indent);
    }
    for (size_t i = 0; i < json_array_size(t->errors); i++) {
        fault(out, t, i, number++, indent);
    }
    return number;
}

static void write_13(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    size_t number = 1;

    (void)look;
    hg_buf_puts(out, "TAP version 13\n");
    plan(out, run->n_findings + faults(run), "");
    for (size_t i = 0; i < run->n_targets; i++) {
        number = points_of(out, run, &run->targets[i], number, "");
    }
}

static bool all_well(const struct hg_run *run, const struct hg_run_target *t)
{
    for (size_t i = hg_next_of(run, t, 0); i < run->n_findings; i = hg_next_of(run, t, i + 1)) {
        if (hg_is_trouble(&run->findings[i])) {
            return false;
        }
    }
    return json_array_size(t->errors) == 0;
}

static void write_14(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    (void)look;
    hg_buf_puts(out, "TAP version 14\n");
    plan(out, run->n_targets, "");
    for (size_t i = 0; i < run->n_targets; i++) {
        const struct hg_run_target *t = &run->targets[i];

        hg_buf_puts(out, "# Subtest: ");
        hg_put_tap(out, t->id);
        hg_buf_putc(out, '\n');
        plan(out, hg_count_of(run, t) + json_array_size(t->errors), "    ");
        points_of(out, run, t, 1, "    ");
        hg_buf_printf(out, "%s %zu - ", all_well(run, t) ? "ok" : "not ok", i + 1);
        hg_put_tap(out, t->id);
        hg_buf_putc(out, '\n');
    }
}

const struct hg_writer hg_writer_tap = {
    .name = "tap",
    .summary = "Test Anything Protocol, version 13, flat",
    .extension = "tap",
    .write = write_13,
};

const struct hg_writer hg_writer_tap14 = {
    .name = "tap14",
    .summary = "Test Anything Protocol, version 14, a subtest for each target",
    .extension = "tap",
    .write = write_14,
};
