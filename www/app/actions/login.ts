// SPDX-License-Identifier: Apache-2.0
//
// Logging in and out, registering, the password and the devices.

import { client } from '../state/client.ts';
import { navigate, paths } from '../lib/router.ts';

export async function logIn(login: string, password: string): Promise<void> {
  await client.login({ login: login.trim().toLowerCase(), password });
}

/** Logs in over the kept screen; the address stays. */
export async function logInAgain(login: string, password: string): Promise<void> {
  const before = client.account.peek()?.id;
  const { account } = await client.login({ login: login.trim().toLowerCase(), password });
  if (account.id !== before) navigate(paths.home, { replace: true });
}

export async function register(input: { login: string; password: string; displayName: string; invite?: string }): Promise<void> {
  const login = input.login.trim().toLowerCase();
  await client.register({
    login,
    password: input.password,
    display_name: input.displayName.trim(),
    ...(input.invite ? { invite: input.invite } : {}),
  });
  if (client.phase.peek() !== 'in') await client.login({ login, password: input.password });
}

export async function changePassword(current: string, next: string): Promise<void> {
  await client.changePassword(current, next);
}

export async function logOut(): Promise<void> {
  await client.logout();
  navigate(paths.login, { replace: true });
}
