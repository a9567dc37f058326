/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* todo.h - tonight's list: what has to be done, by whom, in which order. */

#include "reports/terminal.h"

/* Who acts, from the way in inwards; HG_NOBODY: the run does not say. */
enum hg_who { HG_NETWORK, HG_PLATFORM, HG_IAM, HG_DBA, HG_NOBODY };
#define HG_WHOS 5

const char *hg_who_name(enum hg_who who);

/* One cause, one thing to do. */
struct hg_task {
    const struct hg_cause *cause;
    const struct hg_finding *finding;
    enum hg_who who;
    enum hg_effect effect;
    bool optional; /* neither it nor what waits on it closes the gate */
};

/* By target as in the run, then by effect, then so that what another comes after is before it,
 * and apart from that what closes the gate first, then the worst first. */
struct hg_tasks {
    struct hg_task *list;
    size_t n;
    size_t waiting; /* checks that wait on these */
    struct hg_sections sections;
    struct hg_causes causes;
};

/* False when memory ran out. Borrows from the run; to be given back either way. */
HG_MUST_CHECK bool hg_tasks_make(struct hg_tasks *ret, const struct hg_run *run);
void hg_tasks_done(struct hg_tasks *tasks);

/* The end of the report for people: who has to do how much, and where it is written. */
void hg_put_tonight(const struct hg_page *p, const struct hg_tasks *tasks);

/* ---- the parts of the list (todo_steps.c) ---- */

/* A list being written: what is not a statement is a comment, line by line. */
struct hg_list {
    struct hg_page page; /* its margin is the comment sign of where we are, with a blank */
    const struct hg_tasks *tasks;
    const char *language; /* of the block: sql, js or shell */
    bool live;            /* statements may stand uncommented here */
    struct json_t *said;  /* {statement: was it live?} of this target, person and effect */
};

/* From here on comments begin with this language's sign. */
void hg_list_language(struct hg_list *l, const char *language);
/* A comment, wrapped; every line is one, whatever the text is. "" is an empty comment. */
void hg_list_note(struct hg_list *l, size_t indent, const char *text);
/* "label  text", the text beside the label; nothing when there is no text. */
void hg_list_field(struct hg_list *l, const char *label, const char *text);

/* No character of it would have to be replaced. */
bool hg_list_can_show(const char *text);

/* One word of a command for a shell. */
void hg_put_shell_word(struct hg_buf *out, const char *text);

/* Some of the tasks; borrowed. */
struct hg_picks {
    const struct hg_task **list;
    size_t n;
};

/* Things to do on one target with one effect, at least one: what is wrong, and the statements.
 * `number` counts things over the whole list. */
void hg_list_tasks(struct hg_list *l, const struct hg_picks *picks, size_t *number);
