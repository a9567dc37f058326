/* SPDX-License-Identifier: Apache-2.0 */
/* junit.c - JUnit XML in two dialects. There is no one schema: `junit` carries what Jenkins,
 * GitLab and GitHub's actions read; `junit:strict` is valid against the three schemas that
 * people check with (windyroad's Ant, Jenkins xUnit's junit-10, jenkins-junit). */
#include <string.h>

#include "reports/escape.h"
#include "reports/sections.h"
#include "reports/words.h"
#include "reports/writer.h"

struct page {
    struct hg_buf *out;
    const struct hg_run *run;
    bool strict;
};

struct totals {
    size_t tests, failures, errors, skipped;
    long long ms;
};

/* Consumers clamp a duration to a year; so do we, and a sum cannot overflow. */
static long long duration(const struct hg_section *s)
{
    const long long year = 366LL * 24 * 3600 * 1000;
    long long ms = s->target ? s->target->ms : 0;

    return ms < 0 ? 0 : ms > year ? year : ms;
}

static void count(struct totals *n, const struct hg_section *s)
{
    for (size_t i = 0; i < s->n_findings; i++) {
        enum hg_outcome outcome = hg_outcome(s->findings[i]);

        n->failures += outcome == HG_OUT_FAILURE;
        n->errors += outcome == HG_OUT_UNKNOWN;
        n->skipped += outcome == HG_OUT_SKIP || outcome == HG_OUT_EXCUSED;
    }
    n->tests += s->n_findings + s->n_faults;
    n->errors += s->n_faults;
    n->ms += duration(s);
}

static void attribute(const struct page *p, const char *name, const char *value)
{
    hg_buf_printf(p->out, " %s=\"", name);
    hg_put_xml(p->out, value);
    hg_buf_putc(p->out, '"');
}

/* A name that the schemas want to be more than blanks. */
static void named(const struct page *p, const char *name, const char *value)
{
    attribute(p, name, value[strspn(value, " \n\t")] != '\0' ? value : "-");
}

static void property(const struct page *p, const char *indent, const char *name,
                     const char *value)
{
    if (value[0] != '\0') {
        hg_buf_printf(p->out, "%s<property", indent);
        attribute(p, "name", name);
        attribute(p, "value", value);
        hg_buf_puts(p->out, "/>\n");
    }
}

/* Milliseconds as seconds with three decimals, whatever the locale: a schema refuses six. */
static void seconds(const struct page *p, long long ms)
{
    hg_buf_printf(p->out, " time=\"%lld.%03lld\"", ms / 1000, ms % 1000);
}

static bool is_date(const char *t)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int n[6] = { 0 }, field = 0, month, day;

    for (size_t i = 0; shape[i] != '\0'; i++) {
        if (shape[i] == 'd' ? t[i] < '0' || t[i] > '9' : t[i] != shape[i]) {
            return false;
        }
        if (shape[i] == 'd') {
            n[field] = n[field] * 10 + t[i] - '0';
        } else {
            field++;
        }
    }
    month = n[1];
    day = n[2];
    if (n[0] == 0 || month < 1 || month > 12 || day < 1 || n[3] > 23 || n[4] > 59 ||
        n[5] > 59) {
        return false;
    }
    return day <= days[month - 1] ||
           (month == 2 && day == 29 && n[0] % 4 == 0 && (n[0] % 100 != 0 || n[0] % 400 == 0));
}

/* Neither zone nor fraction: windyroad's schema takes no other form. The run's time is UTC. */
static void timestamp(const struct page *p)
{
    const char *t = p->run->started_at;

    hg_buf_printf(p->out, " timestamp=\"%.19s\"", is_date(t) ? t : "1970-01-01T00:00:00");
}

/* "headgate.mysql.binlog" of "mysql.binlog.format": a package in every viewer. */
static void classname(const struct page *p, const char *check)
{
    const char *dot = strrchr(check, '.');
    struct hg_buf name = { 0 };

    hg_buf_puts(&name, "headgate.");
    hg_buf_put(&name, check, dot && dot > check ? (size_t)(dot - check) : strlen(check));
    attribute(p, "classname", hg_buf_text(&name));
    hg_buf_done(&name);
}

static void result(const struct page *p, const char *element, const char *type,
                   const char *message, const char *body)
{
    hg_buf_printf(p->out, "      <%s", element);
    if (type != NULL || !p->strict) { /* jenkins-junit takes no attribute of `skipped` */
        attribute(p, "message", message);
    }
    if (type != NULL) {
        attribute(p, "type", type);
    }
    hg_buf_putc(p->out, '>');
    hg_put_xml_text(p->out, body);
    hg_buf_printf(p->out, "</%s>\n", element);
}

static void verdict(const struct page *p, const struct hg_finding *f, const char *body)
{
    struct hg_buf text = { 0 };

    switch (hg_outcome(f)) {
    case HG_OUT_PASS:
        break;
    case HG_OUT_FAILURE:
        hg_buf_printf(&text, "headgate.fail.%s", hg_severity_name(f->severity));
        result(p, "failure", hg_buf_text(&text), f->sentence, body);
        break;
    case HG_OUT_UNKNOWN:
        hg_buf_printf(&text, "headgate.unknown.%s", hg_severity_name(f->severity));
        result(p, "error", hg_buf_text(&text), f->sentence, body);
        break;
    default:
        hg_put_excuse(&text, f);
        result(p, "skipped", NULL, hg_buf_text(&text), hg_buf_text(&text));
    }
    hg_buf_done(&text);
}

/* GitLab and Testmo obey `[[ATTACHMENT|path]]` in a case's output: not from a server's text. */
static void output(const struct page *p, const char *body)
{
    struct hg_buf text = { 0 };

    for (const char *c = body; *c != '\0'; c++) {
        hg_buf_putc(&text, *c);
        if (c[0] == '[' && c[1] == '[') {
            hg_buf_putc(&text, ' ');
        }
    }
    hg_buf_puts(p->out, "      <system-out>");
    hg_put_xml_text(p->out, hg_buf_text(&text));
    hg_buf_puts(p->out, "</system-out>\n");
    hg_buf_done(&text);
}

static void properties(const struct page *p, const struct hg_finding *f)
{
    const char *indent = "        ";

    hg_buf_puts(p->out, "      <properties>\n");
    property(p, indent, "title", f->title);
    property(p, indent, "severity", hg_severity_name(f->severity));
    property(p, indent, "verdict", hg_verdict_name(f->verdict));
    property(p, indent, "target", f->target);
    property(p, indent, "waits_on", f->waits_on);
    property(p, indent, "since", f->since == HG_SAME ? "" : hg_change_name(f->since));
    hg_buf_puts(p->out, "      </properties>\n");
}

/* Where the check is written down, for viewers that link a case to its source. */
static void source(const struct page *p, const struct hg_finding *f)
{
    struct hg_buf file = { 0 };

    hg_buf_puts(&file, "checks/");
    for (const char *c = f->check; *c != '\0'; c++) {
        hg_buf_putc(&file, *c == '.' ? '/' : *c);
    }
    hg_buf_puts(&file, ".yaml");
    attribute(p, "file", hg_buf_text(&file));
    hg_buf_done(&file);
}

static void write_case(const struct page *p, const struct hg_finding *f)
{
    struct hg_buf name = { 0 }, body = { 0 };

    hg_put_name(&name, p->run, f);
    hg_put_body(&body, f);
    hg_buf_puts(p->out, "    <testcase");
    named(p, "name", hg_buf_text(&name));
    classname(p, f->check);
    if (!p->strict) {
        source(p, f);
    }
    seconds(p, 0);
    if (p->strict && f->verdict == HG_PASS) {
        hg_buf_puts(p->out, "/>\n");
    } else {
        hg_buf_puts(p->out, ">\n");
        if (!p->strict) {
            properties(p, f);
        }
        verdict(p, f, hg_buf_text(&body));
        if (!p->strict && hg_outcome(f) < HG_OUT_UNKNOWN) {
            output(p, hg_buf_text(&body)); /* of the others it is the text of the result */
        }
        hg_buf_puts(p->out, "    </testcase>\n");
    }
    hg_buf_done(&name);
    hg_buf_done(&body);
}

/* What headgate itself could not do: never a failure of the target. */
static void write_fault(const struct page *p, const struct hg_section *s, size_t index)
{
    struct hg_buf name = { 0 };

    hg_put_fault_name(&name, s, index);
    hg_buf_puts(p->out, "    <testcase");
    attribute(p, "name", hg_buf_text(&name));
    attribute(p, "classname", "headgate.error");
    seconds(p, 0);
    hg_buf_puts(p->out, ">\n");
    result(p, "error", "headgate.error", s->faults[index], s->faults[index]);
    hg_buf_puts(p->out, "    </testcase>\n");
    hg_buf_done(&name);
}

/* A reader of properties may refuse one name twice in a file: what the run says stands in the
 * first suite, what a target says has the target's name in it. */
static void suite_properties(const struct page *p, const struct hg_section *s, size_t id)
{
    const struct hg_run_target *t = s->target;
    const char *indent = "      ";
    struct hg_buf name = { 0 }, value = { 0 };

    hg_buf_puts(p->out, "    <properties>\n");
    if (id == 0) {
        property(p, indent, "headgate.version", p->run->version);
        property(p, indent, "headgate.plan", p->run->name);
        property(p, indent, "headgate.plan_digest", p->run->plan_digest);
        property(p, indent, "headgate.level", p->run->level);
        property(p, indent, "headgate.vantage", p->run->vantage);
        property(p, indent, "headgate.fail_on", hg_severity_name(p->run->fail_on));
        hg_put_since(&value, p->run);
        property(p, indent, "headgate.since", hg_buf_text(&value));
        hg_buf_clear(&value);
    }
    hg_buf_printf(&name, "headgate.suite.%zu", id);
    hg_buf_printf(&value, "%s: %s", s->name, t ? t->engine : "not described in this run");
    if (t != NULL && t->server[0] != '\0') {
        hg_buf_printf(&value, ", %s", t->server);
    }
    if (t != NULL && t->account[0] != '\0') {
        hg_buf_printf(&value, ", as %s", t->account);
    }
    if (t != NULL && t->dialled[0] != '\0') {
        hg_buf_printf(&value, ", dialled at %s", t->dialled);
    }
    if (t != NULL) {
        hg_put_attempts(&value, t);
    }
    property(p, indent, hg_buf_text(&name), hg_buf_text(&value));
    hg_buf_puts(p->out, "    </properties>\n");
    hg_buf_done(&name);
    hg_buf_done(&value);
}

static void write_suite(const struct page *p, const struct hg_section *s, size_t id)
{
    struct totals n = { 0 };

    count(&n, s);
    hg_buf_puts(p->out, "  <testsuite");
    named(p, "name", s->name);
    attribute(p, "package", "headgate");
    hg_buf_printf(p->out, " id=\"%zu\"", id);
    named(p, "hostname", s->target && s->target->host[0] ? s->target->host : "localhost");
    timestamp(p);
    hg_buf_printf(p->out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
                  n.tests, n.failures, n.errors, n.skipped);
    seconds(p, n.ms);
    hg_buf_puts(p->out, ">\n");
    suite_properties(p, s, id);
    for (size_t i = 0; i < s->n_findings; i++) {
        write_case(p, s->findings[i]);
    }
    for (size_t i = 0; i < s->n_faults; i++) {
        write_fault(p, s, i);
    }
    if (p->strict) {
        hg_buf_puts(p->out, "    <system-out></system-out>\n    <system-err></system-err>\n");
    }
    hg_buf_puts(p->out, "  </testsuite>\n");
}

static void write_all(struct hg_buf *out, const struct hg_run *run, bool strict)
{
    struct page p = { out, run, strict };
    struct hg_sections sections;
    struct totals all = { 0 };

    if (!hg_sections_make(&sections, run)) {
        out->failed = true;
    } else {
        for (size_t i = 0; i < sections.n; i++) {
            count(&all, &sections.list[i]);
        }
        hg_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
        if (!strict) {
            attribute(&p, "name", run->name);
            hg_buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
                          all.tests, all.failures, all.errors, all.skipped);
            seconds(&p, all.ms);
        }
        hg_buf_puts(out, ">\n");
        for (size_t i = 0; i < sections.n; i++) {
            write_suite(&p, &sections.list[i], i);
        }
        hg_buf_puts(out, "</testsuites>\n");
    }
    hg_sections_done(&sections);
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
