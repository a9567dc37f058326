/* SPDX-License-Identifier: Apache-2.0 */
/* A program that embeds the installed library: reads a run, writes it as TAP. */
#include <jansson.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/run.h"
#include "reports/writer.h"

int main(int argc, char **argv)
{
    struct hg_error err = { 0 };
    struct hg_look look = { 0 };
    struct hg_buf out = { 0 };
    json_t *doc = argc == 2 ? json_load_file(argv[1], 0, NULL) : NULL;
    struct hg_run *run = doc ? hg_run_from_json(doc, &err) : NULL;

    if (run == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    hg_writer_find("tap")->write(&out, run, &look);
    fputs(hg_buf_text(&out), stdout);
    return 0;
}
