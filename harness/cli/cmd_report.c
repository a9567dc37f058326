/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>

#include "cli/cli.h"
#include "model/diff.h"

int hg_cmd_report(struct hg_cli *cli)
{
    HG_AUTO(hg_run_freep) struct hg_run *since = NULL;
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
    if (!hg_cli_read_since(cli, &since, &err)) {
        return hg_cli_fail(&err);
    }
    doc = hg_cli_read_json(cli->operands[0], &err);
    if (doc == NULL || (since != NULL && !hg_run_put_since(doc, since, &err))) {
        json_decref(doc);
        return hg_cli_fail(&err);
    }
    /* The run was judged already: reporting it again succeeds whatever it says. */
    return hg_cli_report(cli, doc, &status) ? 0 : status;
}
