/* SPDX-License-Identifier: Apache-2.0 */
#include "model/check.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

void hg_checks_free(struct hg_checks *checks)
{
    if (checks == NULL) {
        return;
    }
    for (size_t i = 0; i < checks->n; i++) {
        json_decref(checks->items[i].doc);
        free(checks->items[i].path);
    }
    free(checks->items);
    free(checks);
}

static int by_id(const void *key, const void *item)
{
    return strcmp(key, ((const struct hg_check *)item)->id);
}

const struct hg_check *hg_check_find(const struct hg_checks *checks, const char *id)
{
    return checks->n == 0
               ? NULL
               : bsearch(id, checks->items, checks->n, sizeof(*checks->items), by_id);
}
