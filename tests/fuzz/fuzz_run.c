/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_run.c - a run document, through every report: text in UTF-8, and no escape sequences
 * where no colour was asked for. */
#include <jansson.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "fuzz.h"
#include "reports/diff.h"
#include "reports/writer.h"

static void write_all(const struct hg_run *run)
{
    static const struct hg_look looks[] = {
        { false, 80, false },
        { false, 0,  true  },
        { false, 1,  true  },
        { true,  20, true  },
    };

    for (size_t i = 0; hg_writers[i] != NULL; i++) {
        for (size_t j = 0; j < HG_COUNT(looks); j++) {
            struct hg_buf out = { 0 };

            hg_writers[i]->write(&out, run, &looks[j]);
            MUST(!out.failed);
            MUST(hg_utf8_valid(hg_buf_text(&out), out.len));
            MUST(memchr(hg_buf_text(&out), '\0', out.len) == NULL);
            MUST(looks[j].colour || memchr(hg_buf_text(&out), '\x1b', out.len) == NULL);
            hg_buf_done(&out);
        }
    }
}

/* With itself a run has nothing that is new; every report of that is text as well. */
static void write_diffs(const struct hg_run *run)
{
    struct hg_look look = { false, 80, true };
    struct hg_diff diff;

    MUST(hg_diff_make(&diff, run, run));
    MUST(diff.exit_status == 0 &&
         diff.count[HG_SAME] + diff.count[HG_UNCHANGED] == run->n_findings);
    for (size_t i = 0; hg_diff_writers[i] != NULL; i++) {
        struct hg_buf out = { 0 };

        hg_diff_writers[i]->write(&out, &diff, &look);
        MUST(!out.failed && hg_utf8_valid(hg_buf_text(&out), out.len));
        MUST(memchr(hg_buf_text(&out), '\x1b', out.len) == NULL);
        hg_buf_done(&out);
    }
    hg_diff_done(&diff);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *doc = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    struct hg_error err = { 0 };
    struct hg_run *run;

    if (doc == NULL) {
        return 0;
    }
    run = hg_run_from_json(doc, &err);
    MUST(run != NULL || (err.code == HG_E_SYNTAX && err.text[0] != '\0'));
    if (run != NULL) {
        write_all(run);
        write_diffs(run);
    }
    hg_run_free(run);
    return 0;
}
