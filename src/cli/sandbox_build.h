/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SANDBOX_BUILD_H
#define PICKET_CLI_SANDBOX_BUILD_H

#include "cli/sandbox.h"

/* The walls that have a file of their own; each returns whether it stands,
 * and wants PR_SET_NO_NEW_PRIVS. */

/* Every right that the kernel's Landlock knows of is taken away; a courier
 * may still read files and connect. */
bool sandbox_build_landlock(enum sandbox_role role);

/* What is not allowed kills the process, by SIGSYS.  For a courier, whose
 * libraries may do much, it is the other way round: what it never needs
 * fails. */
bool sandbox_build_system_calls(const struct sandbox *s);

#endif
