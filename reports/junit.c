/* SPDX-License-Identifier: Apache-2.0 */
/* junit.c - JUnit XML in two dialects. There is no one schema: `junit` carries what Jenkins,
 * GitLab and GitHub's actions read; `junit:strict` is valid against the three schemas that
 * people check with (windyroad's Ant, Jenkins xUnit's junit-10, jenkins-junit). */
#include <jansson.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/words.h"
#include "reports/writer.h"

struct totals {
    size_t tests, failures, errors, skipped;
};

static bool is_skip(const struct hg_finding *f)
{
    return f->verdict == HG_SKIP || f->verdict == HG_WAIVED ||
           (f->verdict == HG_FAIL && !f->closes_gate);
}

static struct totals count(const struct hg_run *run, const struct hg_run_target *t)
{
    struct totals n = { 0 };

    for (size_t i = hg_next_of(run, t, 0); i < run->n_findings; i = hg_next_of(run, t, i + 1)) {
        const struct hg_finding *f = &run->findings[i];

        n.tests++;
        n.skipped += is_skip(f);
        n.failures += f->verdict == HG_FAIL && f->closes_gate;
        n.errors += f->verdict == HG_UNKNOWN;
    }
    n.tests += json_array_size(t->errors);
    n.errors += json_array_size(t->errors);
    return n;
}

static void attribute(struct hg_buf *out, const char *name, const char *value)
{
    hg_buf_printf(out, " %s=\"", name);
    hg_put_xml(out, value);
    hg_buf_putc(out, '"');
}

/* "headgate.mysql.binlog" of "mysql.binlog.format": a package in every viewer. */
static void classname(struct hg_buf *out, const char *check)
{
    const char *dot = strrchr(check, '.');

    hg_buf_puts(out, " classname=\"headgate.");
    if (dot != NULL) {
        struct hg_buf head = { 0 };

        hg_buf_put(&head, check, (size_t)(dot - check));
        hg_put_xml(out, hg_buf_text(&head));
        hg_buf_done(&head);
    } else {
        hg_put_xml(out, check);
    }
    hg_buf_putc(out, '"');
}

static void start_case(struct hg_buf *out, const char *check, const char *target)
{
    struct hg_buf name = { 0 };

    hg_buf_puts(out, "    <testcase");
    classname(out, check);
    hg_buf_printf(&name, "%.300s %.200s", check, target);
    attribute(out, "name", hg_buf_text(&name));
    hg_buf_puts(out, " time=\"0.000\"");
    hg_buf_done(&name);
}

static void result(struct hg_buf *out, const char *element, const char *type,
                   const char *message, const char *body, bool text_only)
{
    hg_buf_printf(out, "      <%s", element);
    if (!text_only) {
        attribute(out, "message", message);
        if (type != NULL) {
            attribute(out, "type", type);
        }
    }
    hg_buf_putc(out, '>');
    hg_put_xml(out, body);
    hg_buf_printf(out, "</%s>\n", element);
}

static void properties(struct hg_buf *out, const struct hg_finding *f)
{
    hg_buf_puts(out, "      <properties>\n        <property name=\"severity\"");
    attribute(out, "value", hg_severity_name(f->severity));
    hg_buf_puts(out, "/>\n        <property name=\"verdict\"");
    attribute(out, "value", hg_verdict_name(f->verdict));
    hg_buf_puts(out, "/>\n        <property name=\"title\"");
    attribute(out, "value", f->title);
    hg_buf_puts(out, "/>\n      </properties>\n");
}

static void write_case(struct hg_buf *out, const struct hg_finding *f, bool strict)
{
    struct hg_buf body = { 0 }, room = { 0 };
    const char *excuse = hg_excuse(f, &room);

    start_case(out, f->check, f->target);
    if (f->verdict == HG_PASS && strict) {
        hg_buf_puts(out, "/>\n");
    } else {
        hg_buf_puts(out, ">\n");
        if (!strict) {
            properties(out, f);
        }
        hg_put_body(&body, f);
        if (excuse != NULL) {
            result(out, "skipped", NULL, excuse, excuse, strict);
        } else if (f->verdict == HG_FAIL) {
            result(out, "failure", hg_severity_name(f->severity), f->sentence,
                   hg_buf_text(&body), false);
        } else if (f->verdict == HG_UNKNOWN) {
            result(out, "error", "unknown", f->sentence, hg_buf_text(&body), false);
        }
        hg_buf_puts(out, "    </testcase>\n");
    }
    hg_buf_done(&body);
    hg_buf_done(&room);
}

static void write_fault(struct hg_buf *out, const struct hg_run_target *t, size_t index)
{
    const char *text = json_string_value(json_array_get(t->errors, index));
    struct hg_buf name = { 0 };

    hg_buf_printf(&name, "headgate.error.%zu", index + 1);
    start_case(out, hg_buf_text(&name), t->id);
    hg_buf_puts(out, ">\n");
    result(out, "error", "headgate", text, text, false);
    hg_buf_puts(out, "    </testcase>\n");
    hg_buf_done(&name);
}

/* Milliseconds as seconds with three decimals, whatever the locale. */
static void seconds(struct hg_buf *out, long long ms)
{
    ms = ms < 0 ? 0 : ms;
    hg_buf_printf(out, "%lld.%03lld", ms / 1000, ms % 1000);
}

static void suite_properties(struct hg_buf *out, const struct hg_run *run,
                             const struct hg_run_target *t)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        { "headgate.version", run->version },
        { "headgate.level",   run->level   },
        { "engine",           t->engine    },
        { "account",          t->account   },
        { "server",           t->server    },
        { "plan",             run->name    }
    };

    hg_buf_puts(out, "    <properties>\n");
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        hg_buf_puts(out, "      <property");
        attribute(out, "name", rows[i].name);
        attribute(out, "value", rows[i].value);
        hg_buf_puts(out, "/>\n");
    }
    hg_buf_puts(out, "    </properties>\n");
}

static void write_suite(struct hg_buf *out, const struct hg_run *run, size_t index, bool strict)
{
    const struct hg_run_target *t = &run->targets[index];
    struct totals n = count(run, t);
    struct hg_buf when = { 0 };

    hg_buf_put(&when, run->started_at, strnlen(run->started_at, 19)); /* strict: no zone */
    hg_buf_puts(out, "  <testsuite");
    attribute(out, "name", t->id);
    attribute(out, "package", "headgate");
    hg_buf_printf(out, " id=\"%zu\"", index);
    attribute(out, "hostname", t->host[0] ? t->host : "localhost");
    attribute(out, "timestamp", hg_buf_text(&when));
    hg_buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", n.tests, n.failures,
                  n.errors);
    if (!strict) {
        hg_buf_printf(out, " skipped=\"%zu\"", n.skipped);
    }
    hg_buf_puts(out, " time=\"");
    seconds(out, t->ms);
    hg_buf_puts(out, "\">\n");
    suite_properties(out, run, t);
    for (size_t i = hg_next_of(run, t, 0); i < run->n_findings; i = hg_next_of(run, t, i + 1)) {
        write_case(out, &run->findings[i], strict);
    }
    for (size_t i = 0; i < json_array_size(t->errors); i++) {
        write_fault(out, t, i);
    }
    hg_buf_puts(out,
                strict ? "    <system-out></system-out>\n    <system-err></system-err>\n" : "");
    hg_buf_puts(out, "  </testsuite>\n");
    hg_buf_done(&when);
}

static void write_all(struct hg_buf *out, const struct hg_run *run, bool strict)
{
    struct totals all = { 0 };

    for (size_t i = 0; i < run->n_targets; i++) {
        struct totals n = count(run, &run->targets[i]);

        all.tests += n.tests;
        all.failures += n.failures;
        all.errors += n.errors;
    }
    hg_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    if (!strict) {
        attribute(out, "name", run->name);
        hg_buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", all.tests,
                      all.failures, all.errors);
    }
    hg_buf_puts(out, ">\n");
    for (size_t i = 0; i < run->n_targets; i++) {
        write_suite(out, run, i, strict);
    }
    hg_buf_puts(out, "</testsuites>\n");
}

static void write_rich(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    (void)look;
    write_all(out, run, false);
}

static void write_strict(struct hg_buf *out, const struct hg_run *run,
                         const struct hg_look *look)
{
    (void)look;
    write_all(out, run, true);
}

const struct hg_writer hg_writer_junit = {
    .name = "junit",
    .summary = "JUnit XML, as Jenkins, GitLab and others read it",
    .extension = "xml",
    .write = write_rich,
};

const struct hg_writer hg_writer_junit_strict = {
    .name = "junit:strict",
    .summary = "JUnit XML, valid against the strict schemas",
    .extension = "xml",
    .write = write_strict,
};
