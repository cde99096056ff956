/** From the least to the most. */
export const ROLES = ['viewer', 'editor', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** What a key was made for. */
export const SCOPES = ['read', 'images', 'operate', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** What somebody is to one stream. */
export const RELATIONS = ['owner', 'co_owner', 'subscriber'] as const
export type Relation = (typeof RELATIONS)[number]

type Rule = {
  /** The least role that may; null = anybody, strangers too. */
  role: Role | null
  /** A key needs one of these; none = no key may, for it is about a person. `admin` has all that a key may have. */
  scopes: readonly Scope[]
  /** Whoever is this to the stream may too, whatever their role. */
  relations?: readonly Relation[]
}

/**
 * Who may do what. Every route names one of these rights, and what no route names is refused. The rights of `stream.` and
 * `picture.` are about one stream; where the stream is not public, a stranger to it is told that there is none.
 */
export const RIGHTS = {
  public: { role: null, scopes: SCOPES },
  /** One's own account, in a browser. */
  self: { role: 'viewer', scopes: [] },
  /** One's own keys. */
  keys: { role: 'viewer', scopes: ['admin'] },
  /** Inputs, outputs, figures, status: nothing that lets one publish. */
  see: { role: 'viewer', scopes: ['read', 'operate', 'admin'] },
  /** Inputs, outputs, logs, caches, and the secrets that let one publish. */
  operate: { role: 'operator', scopes: ['operate', 'admin'] },
  /** People, the audit log, faults. */
  manage: { role: 'admin', scopes: ['admin'] },

  'stream.make': { role: 'editor', scopes: ['images', 'admin'] },
  'stream.see': { role: 'viewer', scopes: ['read', 'images', 'operate', 'admin'] },
  'stream.see_private': { role: 'operator', scopes: ['read', 'images', 'operate', 'admin'], relations: RELATIONS },
  /** Its members and their links: whoever may let others in could let themselves in. */
  'stream.share': { role: 'admin', scopes: ['images', 'admin'], relations: ['owner', 'co_owner'] },
  'stream.edit': { role: 'operator', scopes: ['images', 'operate', 'admin'], relations: ['owner', 'co_owner'] },
  'picture.see_subscribers': { role: 'admin', scopes: ['read', 'images', 'admin'], relations: RELATIONS },
  'picture.see_private': { role: 'admin', scopes: ['read', 'images', 'admin'], relations: ['owner', 'co_owner'] },
  'picture.edit': { role: 'admin', scopes: ['images', 'admin'], relations: ['owner', 'co_owner'] },
} as const satisfies Record<string, Rule>

export type Right = keyof typeof RIGHTS

/** As far as rights go: strangers have no role; a person in a browser has no scopes to be held to. */
export type Asker = { role: Role | null; scopes: readonly Scope[] | null }

/** The one answer to "may they?". `relation` is what they are to the stream in question, if anything. */
export function may(asker: Asker, right: Right, relation: Relation | null = null): boolean {
  const rule: Rule = RIGHTS[right]
  if (rule.role === null) return true
  const { role, scopes } = asker
  if (scopes !== null && !scopes.some((scope) => rule.scopes.includes(scope))) return false
  // A stranger is something to a stream too: by a personal link.
  if (relation !== null && rule.relations?.includes(relation)) return true
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(rule.role)
}

/** What a person of this role may give to a key. */
export function scopesOf(role: Role): Scope[] {
  const least: Record<Scope, Role> = { read: 'viewer', images: 'editor', operate: 'operator', admin: 'admin' }
  return SCOPES.filter((scope) => ROLES.indexOf(role) >= ROLES.indexOf(least[scope]))
}

/** All rights that an asker has apart from what they are to a stream: what pages show goes by these. */
export function rightsOf(asker: Asker): Right[] {
  return (Object.keys(RIGHTS) as Right[]).filter((right) => may(asker, right))
}

/** Who looks: the host by which they reach this machine, and whether what lets one publish is for their eyes. */
export type Viewer = { host: string; seesKeys: boolean }
