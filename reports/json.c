/* SPDX-License-Identifier: Apache-2.0 */
/* json.c - the run document itself; `headgate report` reads it again. */

#include "reports/escape.h"
#include "reports/writer.h"

static void write(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    (void)look;
    hg_put_document(out, run->doc);
}

const struct hg_writer hg_writer_json = {
    .name = "json",
    .summary = "the run as JSON: for machines, and for `headgate report`",
    .extension = "json",
    .write = write,
};
