/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "model/diff.h"
#include "reports/diff.h"

static bool write_diff(const struct hg_cli *cli, const struct hg_diff *diff,
                       const struct hg_diff_writer *writer, struct hg_error *err)
{
    const char *file = cli->output ? cli->output : "-";
    struct hg_look look = hg_cli_look(cli, file);
    struct hg_buf out = { 0 };
    bool ok;

    writer->write(&out, diff, &look);
    ok = hg_buf_ok(&out) ? hg_file_write(file, 0644, hg_buf_text(&out), out.len, err)
                         : hg_fail_nomem(err);
    hg_buf_done(&out);
    return ok;
}

int hg_cmd_diff(struct hg_cli *cli)
{
    const struct hg_diff_writer *writer = hg_diff_writer_find(cli->to ? cli->to : "terminal");
    HG_AUTO(hg_run_freep) struct hg_run *was = NULL;
    HG_AUTO(hg_run_freep) struct hg_run *now = NULL;
    struct hg_error err = { 0 };
    struct hg_diff diff = { 0 };
    bool ok = true;
    int status;

    if (cli->n_operands != 2) {
        ok = hg_fail(&err, HG_E_USAGE,
                     "`headgate diff` wants two runs, the older first; see --help");
    } else if (writer == NULL) {
        ok = hg_fail(&err, HG_E_USAGE, "--to `%.40s` is not terminal, markdown or json",
                     cli->to);
    } else if (strcmp(cli->operands[0], "-") == 0 && strcmp(cli->operands[1], "-") == 0) {
        ok = hg_fail(&err, HG_E_USAGE, "only one of the two runs can be standard input");
    }
    if (!ok || !hg_cli_check_reports(cli, &err)) {
        return hg_cli_fail(&err);
    }
    was = hg_cli_read_run(cli->operands[0], &err);
    now = was ? hg_cli_read_run(cli->operands[1], &err) : NULL;
    if (now == NULL) {
        return hg_cli_fail(&err);
    }
    ok = hg_diff_make(&diff, was, now) ? write_diff(cli, &diff, writer, &err)
                                       : hg_fail_nomem(&err);
    status = diff.exit_status;
    hg_diff_done(&diff);
    return ok ? status : hg_cli_fail(&err);
}
