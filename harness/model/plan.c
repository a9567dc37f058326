/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include <jansson.h>
#include <stdlib.h>

void hg_plan_free(struct hg_plan *plan)
{
    if (plan != NULL) {
        json_decref(plan->doc);
        for (size_t i = 0; i < plan->n_waivers; i++) {
            free(plan->waivers[i].problem);
        }
        free(plan->targets);
        free(plan->waivers);
        free(plan);
    }
}
