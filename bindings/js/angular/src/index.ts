/** Rolecall in Angular: permissions and menus as signals, which stay right at changes and at expiry. */

import {
  afterNextRender,
  DestroyRef,
  Directive,
  effect,
  type EnvironmentProviders,
  inject,
  input,
  makeEnvironmentProviders,
  signal,
  TemplateRef,
  untracked,
  ViewContainerRef,
  type WritableSignal,
} from "@angular/core";
import type { Menu, MenuName, PermissionName, Resource } from "rolecall";
import {
  type Answers,
  type Asks,
  createStore,
  type EngineStoreOptions,
  type Followed,
  type Sessions,
  type Store,
  type StoreOptions,
  type StoreSource,
  type Verdict,
} from "rolecall/store";

export type { Answers, Store, StoreOptions, StoreSource, Verdict };

/**
 * The answers of an application: `inject(Roles)`. Every method reads a signal, so templates, `computed` and `effect`
 * follow it.
 */
export abstract class Roles {
  /** The store behind the answers: `replace` continues with another source. */
  abstract readonly store: Store;

  /** Returns all answers, whether changes arrive, and why everything is denied. */
  abstract answers(): Answers;

  /** Returns whether a permission is allowed. */
  can(permission: PermissionName, item?: Resource): boolean {
    return this.answers().can(permission, item);
  }

  /** Returns the visible part of a menu: the same object until it changes. */
  menu(name: MenuName): Menu {
    return this.answers().menu(name);
  }

  /** Returns the decision with its reasons, if the source has them. */
  why(permission: PermissionName, item?: Resource): Verdict {
    return this.answers().why(permission, item);
  }
}

class StoreRoles extends Roles {
  readonly #last: WritableSignal<Answers>;
  /** A page of a server is rendered first as the server did. */
  #isFirst = true;

  constructor(override readonly store: Store) {
    super();
    this.#last = signal(store.server());
    const destroyed = inject(DestroyRef);
    // This runs in browsers only.
    afterNextRender(() => {
      this.#isFirst = false;
      const update = (): void => this.#last.set(store.get());
      destroyed.onDestroy(store.subscribe(update));
      update();
    });
  }

  override answers(): Answers {
    const last = this.#last();
    return this.#isFirst ? last : this.store.get();
  }
}

const NOTHING: Asks = { can: () => false, menu: () => ({ items: [] }) };

/**
 * Provides the answers of a source: a view, a session, a connection, or a store. Everything is denied while the source is
 * `undefined`. Names that the policy does not have are denied with a warning, unless `onUnknown` is `throw`.
 */
export function provideRoles(source: StoreSource | Store | undefined, options?: StoreOptions): EnvironmentProviders;
export function provideRoles<E extends Sessions>(
  source: E | Followed<E>,
  options: EngineStoreOptions<E>,
): EnvironmentProviders;
export function provideRoles(source: object | undefined = NOTHING, options: StoreOptions = {}): EnvironmentProviders {
  return makeEnvironmentProviders([
    {
      provide: Roles,
      useFactory: () =>
        new StoreRoles(
          "subscribe" in source ? (source as Store) : createStore(source as Asks, { onUnknown: "deny", ...options }),
        ),
    },
  ]);
}

/**
 * Shows a part of a page if a permission is allowed: `*rolecallCan="'segments:edit'"`. With an item and another part:
 * `*rolecallCan="'segments:edit'; item: segment; else: denied"`.
 */
@Directive({ selector: "[rolecallCan]" })
export class RolecallCan {
  /** The permission. */
  readonly rolecallCan = input.required<PermissionName>();
  /** The item that the question is about. */
  readonly rolecallCanItem = input<Resource>();
  /** The content without the permission. */
  readonly rolecallCanElse = input<TemplateRef<unknown>>();

  constructor() {
    const roles = inject(Roles);
    const own = inject<TemplateRef<unknown>>(TemplateRef);
    const place = inject(ViewContainerRef);
    let shown: TemplateRef<unknown> | undefined;
    effect(() => {
      const wanted = roles.can(this.rolecallCan(), this.rolecallCanItem()) ? own : this.rolecallCanElse();
      if (wanted === shown) return;
      shown = wanted;
      untracked(() => {
        place.clear();
        if (wanted !== undefined) place.createEmbeddedView(wanted);
      });
    });
  }
}
