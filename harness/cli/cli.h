/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* cli.h - commands: one cmd_<name>.c each, one row each in the table of main.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "load/load.h"
#include "model/run.h"
#include "reports/writer.h"
#include "run/run.h"

#define HG_MAX_WORDS 64

/* Everything the command line can say. Lists end with NULL. */
struct hg_cli {
    const char *command;
    const char *operands[HG_MAX_WORDS];
    size_t n_operands;
    const char *only[HG_MAX_WORDS], *skip[HG_MAX_WORDS], *targets[HG_MAX_WORDS];
    const char *profiles[HG_MAX_WORDS], *reports[HG_MAX_WORDS], *probes[HG_MAX_WORDS];
    const char *output, *facts, *to, *checks, *fail_on, *colour, *as_of, *vantage, *rerun;
    const char *since;
    const char *connect[HG_MAX_WORDS], *terraform, *ca, *plan;
    int jobs, deadline_ms, wait_ms, width;
    bool prove, attempts, verbose, quiet, help, force;
};

/* Which options a command takes: letters of the rows in options.c. */
struct hg_command {
    const char *name, *operands, *summary, *options;
    int (*run)(struct hg_cli *cli);
    const char *detail; /* more for --help, or NULL */
};

/* The rows of the table of main.c, in its order; NULL past the last, or when there is none. */
const struct hg_command *hg_command_at(size_t i);
const struct hg_command *hg_command_find(const char *name);
/* Says that there is no such command, and which one may be meant; exit status 2. */
int hg_unknown_command(const char *word);

/* An option as help, man pages and completion show it. */
struct hg_option_about {
    const char *name, *value, *help; /* `value` is its placeholder (FILE), NULL for a flag */
    const char *brief;               /* "-o", or NULL */
    bool repeats;                    /* may be given more than once */
};
/* Option `i` of those that a command takes (NULL: of all); false past the last. */
bool hg_option_at(const struct hg_command *command, size_t i, struct hg_option_about *ret);

/* Fills `cli` from the words after the command; false with a sentence otherwise. */
bool hg_options_parse(struct hg_cli *cli, const struct hg_command *command, int argc,
                      char **argv, struct hg_error *err);
void hg_options_help(const struct hg_command *command);

int hg_cmd_init(struct hg_cli *cli);
int hg_cmd_run(struct hg_cli *cli);
int hg_cmd_collect(struct hg_cli *cli);
int hg_cmd_judge(struct hg_cli *cli);
int hg_cmd_report(struct hg_cli *cli);
int hg_cmd_diff(struct hg_cli *cli);
int hg_cmd_list(struct hg_cli *cli);
int hg_cmd_explain(struct hg_cli *cli);
int hg_cmd_lint(struct hg_cli *cli);
int hg_cmd_plan(struct hg_cli *cli);
int hg_cmd_help(struct hg_cli *cli);

/* `headgate --help`: every command. */
void hg_help_overview(FILE *out);

/* `headgate help --tables`: the tables of commands and options as JSON, from which the man
 * pages are made. Exit status. */
int hg_help_tables(void);

/* `headgate help --complete WORD...`: what the last of these words of a command line may
 * become, one "WORD<TAB>what it is" a line. A line that begins with ':' asks the shell for
 * files (":files yaml json", ":files" for any) or folders (":dirs"). Contacts nothing, writes
 * nothing on standard error: it runs on every press of a key. Exit status. */
int hg_help_complete(int argc, char **argv);

/* The words that may stand for a placeholder ("SEVERITY") as a JSON array of {word, about};
 * NULL where that is not a fixed list. */
struct json_t *hg_help_words(const char *placeholder);

/* ---- shared by commands ---- */

/* Prints "headgate: sentence" and gives the exit status of the error. */
int hg_cli_fail(const struct hg_error *err);

/* Where the check modules are: --checks, HEADGATE_CHECKS, beside the program, or as installed.
 */
char *hg_cli_checks_dir(const struct hg_cli *cli);

/* Folders of probe programs, NULL-terminated: --probes first. Owned by `cli`-lifetime storage.
 */
struct hg_dirs {
    const char *items[HG_MAX_WORDS + 3];
    char *owned[2];
};
void hg_cli_probe_dirs(const struct hg_cli *cli, struct hg_dirs *dirs);
void hg_cli_dirs_done(struct hg_dirs *dirs);

/* Checks, plan and what of them is looked at, as most commands need them. */
struct hg_loaded {
    struct hg_checks *checks;
    struct hg_plan *plan;
    struct hg_selection selection;
    struct json_t *failed; /* what the selection borrows */
};
void hg_loaded_done(struct hg_loaded *loaded);
bool hg_cli_load(const struct hg_cli *cli, struct hg_loaded *ret, struct hg_error *err);

/* Fills loaded->selection from the options (hg_cli_load() does); `plan` may be NULL. False with
 * the word that means nothing, or what is wrong with the run of --rerun-failed. */
bool hg_cli_select(const struct hg_cli *cli, struct hg_loaded *loaded, struct hg_error *err);
enum hg_level hg_cli_level(const struct hg_cli *cli, const struct hg_plan *plan);

/* Writes the reports that were asked for, the terminal's when none was. `ret_status` is the
 * exit status of the run; false, and what was wrong, when the run could not be read or written.
 */
bool hg_cli_report(const struct hg_cli *cli, struct json_t *run_doc, int *ret_status);
/* The report formats asked for exist: checked before anything is contacted. */
bool hg_cli_check_reports(const struct hg_cli *cli, struct hg_error *err);

/* SIGINT, SIGTERM and SIGHUP end nothing, once: the descriptor that comes back is readable
 * then (-1: there is none). SIGPIPE is ignored. To be called once. */
int hg_cli_catch_signals(void);

/* How a report for people written to `file` ("-": standard output) looks. */
struct hg_look hg_cli_look(const struct hg_cli *cli, const char *file);

/* A stored run, "-" for standard input; NULL with the file's name in the sentence. The
 * document, not looked at, or checked and with its view. */
struct json_t *hg_cli_read_json(const char *path, struct hg_error *err);
struct hg_run *hg_cli_read_run(const char *path, struct hg_error *err);

/* --since: the run to compare with, read before anything is contacted. True, and NULL, when
 * none was asked for. */
bool hg_cli_read_since(const struct hg_cli *cli, struct hg_run **ret, struct hg_error *err);
