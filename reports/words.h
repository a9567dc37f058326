/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* words.h - what several writers say of a finding in the same words. */

#include "base/buf.h"
#include "model/run.h"

/* What a verdict means to the gate, and so to every format that knows good from bad. */
enum hg_outcome {
    HG_OUT_PASS,
    HG_OUT_SKIP,    /* does not apply */
    HG_OUT_EXCUSED, /* waived, or a failure below the gate */
    HG_OUT_UNKNOWN,
    HG_OUT_FAILURE, /* at or above the gate */
};
enum hg_outcome hg_outcome(const struct hg_finding *f);

/* "mysql.binlog.format contributor", at most 512 bytes (GitLab's limit), unique in the run for
 * as long as check and target are. Plain text, to be escaped. */
void hg_put_name(struct hg_buf *out, const struct hg_run *run, const struct hg_finding *f);

/* Everything about a finding as lines of plain text: sentence, expected, actual, offenders,
 * why, fix with its statement, sources. To be escaped. */
void hg_put_body(struct hg_buf *out, const struct hg_finding *f);

/* "Set it. (online, by dba)": how a finding is mended, without its statement; nothing where
 * none of that is known. Plain text, to be escaped. */
void hg_put_fix(struct hg_buf *out, const struct hg_finding *f);

/* Why a skipped or excused finding is no failure: "below the gate (minor): …", the waiver, the
 * reason of a skip. Plain text, to be escaped. */
void hg_put_excuse(struct hg_buf *out, const struct hg_finding *f);

/* ", ready after 3 attempts, 4.1 s" where a target was tried more than once (--wait). */
void hg_put_attempts(struct hg_buf *out, const struct hg_run_target *t);

/* Whether the gate is open; when it is not, what closes it: "4 failures (2 blocker, 2 major),
 * 28 waiting". `n_faults` are those of headgate itself, as hg_sections_make() counts them. */
bool hg_put_verdict(struct hg_buf *out, const struct hg_run *run, size_t n_faults);

/* "Exit status 1: at least one failure closes the gate." */
void hg_put_exit_status(struct hg_buf *out, const struct hg_run *run);

/* "seen from inside, ", "seen through a tunnel, ", or nothing where the plan does not say. */
void hg_put_vantage(struct hg_buf *out, const struct hg_run *run);

/* "MySQL 9.7.4 at [fe80::1]:3306, dialled at 127.0.0.1:13306": what a target is and where.
 * Plain text, to be escaped. */
void hg_put_server(struct hg_buf *out, const struct hg_run_target *t);

/* "2 new, 1 fixed, 5 unchanged": what there is of each change; "nothing changed" when there is
 * none. */
void hg_put_changes(struct hg_buf *out, const size_t count[HG_CHANGES]);

/* "2 new, 1 fixed, 5 unchanged since 2026-11-23T09:30:00Z", and how far that run can be
 * compared with this one; nothing when the run was compared with none. Plain text, to be
 * escaped. */
void hg_put_since(struct hg_buf *out, const struct hg_run *run);

/* "new since 2026-11-23T09:30:00Z" of a finding that is new, worse or better; otherwise
 * nothing. */
void hg_put_change(struct hg_buf *out, const struct hg_run *run, const struct hg_finding *f);

/* "mysql.gtid.mode on contributor (minor, unknown then)" of one that the run's `since` lists.
 */
void hg_put_since_entry(struct hg_buf *out, const struct json_t *entry);
