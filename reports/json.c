/* SPDX-License-Identifier: Apache-2.0 */
/* json.c - the run document itself; `headgate report` reads it again. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/writer.h"

static void write(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    char *text = json_dumps(run->doc, JSON_INDENT(1));

    (void)look;
    if (text == NULL) {
        out->failed = true;
        return;
    }
    hg_put_json(out, text, strlen(text));
    hg_buf_putc(out, '\n');
    free(text);
}

const struct hg_writer hg_writer_json = {
    .name = "json",
    .summary = "the run as JSON: for machines, and for `headgate report`",
    .extension = "json",
    .write = write,
};
