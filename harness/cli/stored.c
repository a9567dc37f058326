/* SPDX-License-Identifier: Apache-2.0 */
/* stored.c - runs that were written before: whoever names one may have changed it. */
#include <jansson.h>

#include "base/file.h"
#include "cli/cli.h"

#define MAX_RUN (256UL << 20)

json_t *hg_cli_read_json(const char *path, struct hg_error *err)
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

struct hg_run *hg_cli_read_run(const char *path, struct hg_error *err)
{
    json_t *doc = hg_cli_read_json(path, err);
    struct hg_run *run = doc ? hg_run_from_json(doc, err) : NULL;

    if (doc != NULL && run == NULL) {
        hg_fail_in(err, "%.300s", path);
    }
    return run;
}

bool hg_cli_read_since(const struct hg_cli *cli, struct hg_run **ret, struct hg_error *err)
{
    *ret = cli->since ? hg_cli_read_run(cli->since, err) : NULL;
    return cli->since == NULL || *ret != NULL;
}
