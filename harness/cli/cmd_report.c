/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"
#include "reports/writer.h"

#define MAX_RUN (256UL << 20)

json_t *hg_cli_read_run(const char *path, struct hg_error *err)
{
    struct hg_buf text = { 0 };
    json_error_t where;
    json_t *doc = NULL;

    if (hg_file_read(path, MAX_RUN, &text, err)) {
        doc = json_loadb(hg_buf_text(&text), text.len, JSON_REJECT_DUPLICATES, &where);
        if (doc == NULL) {
            hg_fail(err, HG_E_SYNTAX, "%s:%d:%d: not JSON: %s", path, where.line, where.column,
                    where.text);
        }
    }
    if (err->code == HG_E_IO || err->code == HG_E_LIMIT) {
        err->code = HG_E_USAGE; /* a file that was named and is not there: the caller's words */
    }
    hg_buf_done(&text);
    return doc;
}

int hg_cmd_report(struct hg_cli *cli)
{
    struct hg_error err = { 0 };
    char report[4200];
    json_t *doc;
    int status;

    if (cli->n_operands != 1 || cli->to == NULL) {
        hg_fail(&err, HG_E_USAGE, "`headgate report` wants a run and --to FORMAT; see --help");
        return hg_cli_fail(&err);
    }
    snprintf(report, sizeof(report), "%.60s=%.4000s", cli->to, cli->output ? cli->output : "-");
    cli->reports[0] = report;
    cli->quiet = true;
    if (!hg_cli_check_reports(cli, &err)) {
        return hg_cli_fail(&err);
    }
    doc = hg_cli_read_run(cli->operands[0], &err);
    if (doc == NULL) {
        return hg_cli_fail(&err);
    }
    /* The run was judged already: reporting it again succeeds whatever it says. */
    return hg_cli_report(cli, doc, &status) ? 0 : status;
}
