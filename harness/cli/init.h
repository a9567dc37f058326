/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * init.h - the parts of `headgate init`: what is found out becomes a draft, and the draft a
 * plan.
 *
 * A draft is values: { "targets": [target], "notes": [text], "ranges": [text] }. A target:
 *   id, engine               as in a plan
 *   file | env | command     how its secret is named (a file as it was typed)
 *   host, port, username,    what the secret or Terraform names, as far as it is known
 *   database, placeholders
 *   origin                   where in Terraform it was found
 *   connect                  {host, port}
 *   scope                    [text], where it was asked for
 * Nothing in it is a secret: payloads are read by a probe, which keeps the password to itself.
 */

#include "cli/cli.h"

struct json_t;

struct hg_init {
    const struct hg_cli *cli;
    struct hg_dirs dirs; /* of the probes */
    struct json_t *targets, *notes, *ranges;
    struct json_t *kept;               /* texts of answers that others borrow */
    const char *vantage, *ca, *output; /* NULL where nothing was said */
    int stop_fd;                       /* readable after Ctrl-C */
};

/* One line more under "before the first run". */
void hg_init_note(struct hg_init *init, const char *fmt, ...) HG_PRINTF(2, 3);

/* "mysql" of mysql and mariadb, "postgres" of postgres and postgresql, "mongodb" of mongo and
 * mongodb; NULL of any other word of `len` bytes. */
const char *hg_init_engine(const char *word, size_t len);

/* The engine that a name hints at; NULL when none does or two do. */
const char *hg_init_engine_hint(const char *name);

/* "contributor" of "contributor-mysql-connection.json"; new, a valid name of a target. */
char *hg_init_id(const char *name);

/* True when text may stand in a comment or a scope: no URL, no password with odd characters. */
bool hg_init_is_host(const char *text);
bool hg_init_is_name(const char *text);

/* A line on standard error; its words come from files, command lines and answers. */
void hg_init_say(const char *fmt, ...) HG_PRINTF(1, 2);

/* A path as a word of a shell's command line, quoted where it has to be. */
void hg_init_shell_word(struct hg_buf *out, const char *path);

/* Puts what a payload names (hg_payload_describe()) into a target, and notes what is amiss. */
void hg_init_take_payload(struct hg_init *init, struct json_t *target,
                          const struct json_t *payload, const char *what);

/* Appends a target whose id is made unique. */
void hg_init_add(struct hg_init *init, struct json_t *target);

/* The engine that a payload is for, by its fields and its port, or NULL. */
const char *hg_init_payload_engine(const struct json_t *payload);

/* A line where others may read a secret's file. */
void hg_init_note_mode(struct hg_init *init, const char *file);

/* HOST:PORT, :PORT or [::1]:PORT to dial for a target; false when it is none of them. */
bool hg_init_connect(struct json_t *target, const char *text);

/* Questions at the terminal: targets, vantage, CA. False with err at the end of the answers,
 * and after Ctrl-C. */
HG_MUST_CHECK bool hg_init_ask(struct hg_init *init, struct hg_error *err);

/* [NAME=][ENGINE:]FILE of the command line: a target each. */
HG_MUST_CHECK bool hg_init_operands(struct hg_init *init, struct hg_error *err);

/* --from-terraform: what it names joins the targets of payload files, or becomes targets whose
 * secret is printed by gcloud, or is to be put into a variable. */
HG_MUST_CHECK bool hg_init_terraform(struct hg_init *init, struct hg_error *err);

/* Notes the targets whose secrets name this machine. */
void hg_init_note_loopback(struct hg_init *init);

/* The plan as text; paths relative to `dir`, the plan's folder (absolute, without links). */
void hg_init_compose(const struct hg_init *init, const char *dir, struct hg_buf *out);
