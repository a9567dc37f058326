/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_load.c - one text as a document, as a check and as a plan. A refusal has words. */
#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "load/load.h"

static const char *lookup(void *data, const char *name)
{
    (void)data;
    return strcmp(name, "HOME") == 0 ? "/home/x" : NULL;
}

static void as_check(const char *path)
{
    struct hg_check check = { 0 };
    struct hg_error err = { 0 };

    if (hg_check_load(path, NULL, &check, &err)) {
        MUST(check.id != NULL && check.title != NULL && check.engine != NULL);
        free(check.path);
        json_decref(check.doc);
    } else {
        MUST(err.code != HG_E_NONE && err.text[0] != '\0' && err.code != HG_E_NOMEM);
    }
}

static void as_plan(const char *path)
{
    const struct hg_plan_context context = { .profiles_dir = PROFILES, .lookup = lookup };
    struct hg_error err = { 0 };
    struct hg_plan *plan = hg_plan_load(path, &context, &err);

    MUST(plan != NULL || (err.text[0] != '\0' && err.code != HG_E_NOMEM));
    MUST(plan == NULL || (plan->n_targets > 0 && strlen(plan->digest) == 64));
    hg_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_error err = { 0 };
    struct hg_doc *doc = hg_doc_parse("f", (const char *)data, size, &err);
    char path[64];
    int fd = memfd_create("input", MFD_CLOEXEC);

    MUST(doc != NULL || (err.text[0] != '\0' && err.code != HG_E_NOMEM));
    if (doc != NULL) {
        char *text = json_dumps(doc->root, JSON_ENCODE_ANY);

        MUST(text != NULL);
        MUST(strstr(err.text, "cannot be read") == NULL);
        free(text);
    }
    hg_doc_free(doc);
    MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    as_check(path);
    as_plan(path);
    close(fd);
    return 0;
}
