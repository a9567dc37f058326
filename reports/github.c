/* SPDX-License-Identifier: Apache-2.0 */
/* github.c - annotations of a workflow on GitHub: commands that its runner reads from a step's
 * output. It keeps ten of a kind of each step and 4,096 characters of each. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/terminal.h"
#include "reports/words.h"

#define OF_A_KIND     10
#define MESSAGE_CHARS 4000
#define TITLE_BYTES   200

enum kind { ERROR, WARNING, NOTICE, KINDS };

/* One annotation; what it says is made when it is known to be shown. */
struct note {
    enum kind kind;
    const struct hg_cause *cause;     /* or */
    const struct hg_finding *finding; /* waived, or */
    const struct hg_section *section; /* a fault of ours, of this index */
    size_t index;
};

struct notes {
    struct note *list; /* by weight */
    size_t n, of_kind[KINDS];
};

static void add(struct notes *notes, struct note note)
{
    notes->list[notes->n++] = note;
    notes->of_kind[note.kind]++;
}

/* ---- which, and in what order ---- */

/* That a waiver ends soon is for whoever owns it, and wrong with no server. */
static bool is_reminder(const struct hg_finding *f)
{
    return strcmp(f->check, "plan.waiver.not-expiring") == 0;
}

static void causes(struct notes *notes, const struct hg_causes *all, enum hg_verdict verdict,
                   bool closes)
{
    for (int severity = HG_BLOCKER; severity >= HG_INFO; severity--) {
        for (size_t i = 0; i < all->n; i++) {
            const struct hg_cause *c = &all->list[i];

            if (c->finding->verdict == verdict && c->closes == closes &&
                (int)c->severity == severity) {
                add(notes, (struct note){ .kind = closes                    ? ERROR
                                                  : is_reminder(c->finding) ? NOTICE
                                                                            : WARNING,
                                          .cause = c });
            }
        }
    }
}

static void faults(struct notes *notes, const struct hg_sections *sections)
{
    for (size_t i = 0; i < sections->n; i++) {
        for (size_t j = 0; j < sections->list[i].n_faults; j++) {
            add(notes,
                (struct note){ .kind = ERROR, .section = &sections->list[i], .index = j });
        }
    }
}

static void waived(struct notes *notes, const struct hg_run *run)
{
    for (size_t i = 0; i < run->n_findings; i++) {
        if (run->findings[i].verdict == HG_WAIVED) {
            add(notes, (struct note){ .kind = NOTICE, .finding = &run->findings[i] });
        }
    }
}

/* ---- what they say ---- */

static void command(struct hg_buf *out, enum kind kind, const char *title, const char *message)
{
    static const char *const names[] = { "error", "warning", "notice" };

    hg_buf_printf(out, "::%s title=", names[kind]);
    hg_put_command_property(out, title[0] != '\0' ? title : "headgate");
    hg_buf_puts(out, "::");
    hg_put_command(out, message);
    hg_buf_putc(out, '\n');
}

/* At most `max` bytes of characters, and a sign that there was more. */
static void cut(struct hg_buf *text, size_t max)
{
    if (text->len > max) {
        while (max > 0 && ((unsigned char)text->text[max] & 0xc0) == 0x80) {
            max--;
        }
        text->text[max] = '\0';
        text->len = max;
        hg_buf_puts(text, "\xe2\x80\xa6");
    }
}

static void say_cause(struct hg_buf *message, const struct hg_cause *c)
{
    if (c->waiting > 0) {
        hg_page_count(message, c->waiting, "check waits on ", "checks wait on ");
        hg_buf_puts(message, c->stands_in ? c->finding->waits_on : "this");
        hg_buf_puts(message, c->stands_in ? "; the first:\n" : "\n");
    }
    hg_put_body(message, c->finding);
}

static void put(struct hg_buf *out, const struct note *note)
{
    const struct hg_finding *f = note->cause ? note->cause->finding : note->finding;
    struct hg_buf title = { 0 }, message = { 0 };

    if (f == NULL) {
        hg_put_fault_name(&title, note->section, note->index);
        hg_buf_puts(&message, note->section->faults[note->index]);
    } else {
        hg_buf_printf(&title, "%s %s (%s%s%s%s)", f->target,
                      note->cause && note->cause->stands_in ? f->waits_on : f->check,
                      f->verdict == HG_UNKNOWN  ? "unknown, "
                      : f->verdict == HG_WAIVED ? "waived, "
                                                : "",
                      hg_severity_name(note->cause ? note->cause->severity : f->severity),
                      f->since == HG_SAME ? "" : ", ",
                      f->since == HG_SAME ? "" : hg_change_name(f->since));
        if (note->cause != NULL) {
            say_cause(&message, note->cause);
        } else {
            hg_put_excuse(&message, f);
            hg_buf_printf(&message, "\n%s", f->sentence);
        }
    }
    cut(&title, TITLE_BYTES);
    cut(&message, MESSAGE_CHARS);
    while (message.len > 0 && message.text[message.len - 1] == '\n') {
        message.text[--message.len] = '\0';
    }
    command(out, note->kind, hg_buf_text(&title), hg_buf_text(&message));
    out->failed = out->failed || !hg_buf_ok(&title) || !hg_buf_ok(&message);
    hg_buf_done(&title);
    hg_buf_done(&message);
}

/* The last of a kind that there is room for says how many more there are. */
static void put_kind(struct hg_buf *out, const struct notes *notes, enum kind kind,
                     const char *verdict)
{
    static const char *const what[] = { "close the gate or are faults of headgate itself",
                                        "failed or are unknown below the gate",
                                        "are waived, or will not be for long" };
    size_t all = notes->of_kind[kind];
    size_t room = all > OF_A_KIND ? OF_A_KIND - 1 : all;
    struct hg_buf text = { 0 };

    for (size_t i = 0, shown = 0; i < notes->n && shown < room; i++) {
        if (notes->list[i].kind == kind) {
            put(out, &notes->list[i]);
            shown++;
        }
    }
    if (all > room) {
        hg_buf_printf(&text,
                      "%zu more %s. GitHub shows ten annotations of a kind; the other reports "
                      "of this run have them all.\n%s",
                      all - room, what[kind], verdict);
        command(out, kind, "headgate: and more", hg_buf_text(&text));
    }
    hg_buf_done(&text);
}

static void write_notes(struct hg_buf *out, const struct hg_run *run,
                        const struct hg_sections *sections, const struct hg_causes *all,
                        struct notes *notes)
{
    struct hg_buf verdict = { 0 };

    causes(notes, all, HG_FAIL, true);
    causes(notes, all, HG_UNKNOWN, true);
    faults(notes, sections);
    causes(notes, all, HG_FAIL, false);
    causes(notes, all, HG_UNKNOWN, false);
    waived(notes, run);
    hg_buf_puts(&verdict, "The gate is CLOSED: ");
    if (hg_put_verdict(&verdict, run, sections->n_faults)) {
        hg_buf_clear(&verdict);
        hg_buf_puts(&verdict, "The gate is OPEN");
    } else if (notes->of_kind[ERROR] == 0) { /* nothing selected, or interrupted early */
        command(out, ERROR, "headgate", hg_buf_text(&verdict));
    }
    for (int kind = 0; kind < KINDS; kind++) {
        put_kind(out, notes, (enum kind)kind, hg_buf_text(&verdict));
    }
    if (run->since.started_at != NULL) {
        hg_buf_puts(&verdict, "; ");
        hg_put_since(&verdict, run);
    }
    hg_buf_puts(out, "headgate: ");
    hg_put_plain(out, hg_buf_text(&verdict), false);
    hg_buf_putc(out, '\n');
    out->failed = out->failed || !hg_buf_ok(&verdict);
    hg_buf_done(&verdict);
}

static void write(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    struct hg_sections sections;
    struct hg_causes all = { 0 };
    struct notes notes = { 0 };

    (void)look;
    if (hg_sections_make(&sections, run) && hg_causes_make(&all, &sections, run->n_findings)) {
        notes.list = calloc(run->n_findings + sections.n_faults + 1, sizeof(*notes.list));
    }
    if (notes.list != NULL) {
        write_notes(out, run, &sections, &all, &notes);
    } else {
        out->failed = true;
    }
    free(notes.list);
    hg_causes_done(&all);
    hg_sections_done(&sections);
}

const struct hg_writer hg_writer_github = {
    .name = "github",
    .summary = "annotations of a workflow on GitHub",
    .extension = "txt",
    .write = write,
};
