/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* terminal.h - the parts of the report for people: how text is set, and what is one cause. */

#include "reports/sections.h"
#include "reports/writer.h"

enum hg_ink { HG_PLAIN, HG_BOLD, HG_DIM, HG_RED, HG_YELLOW, HG_GREEN };

struct hg_page {
    struct hg_buf *out;
    const struct hg_run *run;
    const struct hg_look *look;
    const char *margin; /* begins every line that follows the first of a flow; or NULL */
};

/* ---- setting text (terminal_text.c) ---- */

/* One run of text in a colour, where colours are wanted. */
void hg_page_ink(const struct hg_page *p, enum hg_ink ink, const char *text);

/* Text wrapped at the width, beginning at `column` where the line already stands; the lines
 * that follow are indented. Words are never broken. Ends the line. */
void hg_page_flow(const struct hg_page *p, size_t column, size_t indent, const char *text);

/* "label     text", the text beside the label; nothing when there is no text. */
void hg_page_field(const struct hg_page *p, const char *label, const char *text);

/* Lines as they are: never wrapped or cut, so that they can be pasted. */
void hg_page_verbatim(const struct hg_page *p, const char *text);

/* "7 checks wait": a number with its noun and verb. */
void hg_page_count(struct hg_buf *out, size_t n, const char *one, const char *many);

#define HG_PAGE_INDENT 11 /* of everything said about one finding */

/* ---- one cause, one line (terminal_causes.c) ---- */

struct hg_cause {
    const struct hg_finding *finding;
    const struct hg_section *section;
    bool
        stands_in; /* the cause is not in the report as trouble: this is the first that waits */
    bool closes;   /* it, or one that waits on it, closes the gate */
    enum hg_severity severity; /* the worst of both */
    size_t waiting;
};

struct hg_causes {
    struct hg_cause *list; /* by section, then blocker to info, then as in the run */
    size_t n;
};

HG_MUST_CHECK bool hg_causes_make(struct hg_causes *ret, const struct hg_sections *sections,
                                  size_t n_findings);
void hg_causes_done(struct hg_causes *causes);
