/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char *const *hg_vantage_names(void)
{
    static const char *const names[] = { "inside", "tunnel", "outside", NULL };

    return names;
}

bool hg_vantage_known(const char *name)
{
    const char *const *names = hg_vantage_names();

    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

void hg_plan_free(struct hg_plan *plan)
{
    if (plan != NULL) {
        json_decref(plan->doc);
        for (size_t i = 0; i < plan->n_waivers; i++) {
            free(plan->waivers[i].problem);
        }
        free(plan->path);
        free(plan->targets);
        free(plan->waivers);
        free(plan);
    }
}
