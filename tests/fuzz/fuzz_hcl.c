/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_hcl.c - one text as a file of Terraform's. A refusal has words, and none of the text. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "load/hcl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_error err = { 0 };
    json_t *body = hg_hcl_parse("f", (const char *)data, size, &err);
    char *text = body ? json_dumps(body, 0) : NULL;

    MUST(body != NULL ? text != NULL : err.text[0] != '\0' && err.code != HG_E_NOMEM);
    MUST(strlen(err.text) < 80);
    free(text);
    json_decref(body);
    return 0;
}
