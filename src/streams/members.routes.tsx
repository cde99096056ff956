/** @jsxImportSource hono/jsx */
import { z } from 'zod'
import type { StreamRow } from '../db/tables/streams.ts'
import { type Actor, endpoint, type HttpContext } from '../http/endpoint.ts'
import { isHtmx, reply, replyPage, wantsHtml } from '../http/reply.tsx'
import { themeOf } from '../http/theme.ts'
import type { Members } from './members.service.ts'
import { AccountForm, LinkForm, MemberForm } from './members.form.views.tsx'
import { LinkOnce, MemberRows } from './members.views.tsx'
import { MEMBER_EXAMPLE } from './streams.examples.ts'
import { MEMBER_FORM } from './streams.form.ts'
import { memberCreate, memberParams, memberPatch, memberResource, streamParams } from './streams.schema.ts'
import type { Streams } from './streams.service.ts'

const tag = 'streams'

export type MemberRoutesDeps = {
  streams: Pick<Streams, 'find'>
  members: Members
  /** Who can be let in by their account. */
  people(): { id: number; name: string }[]
  /** Where people reach Weir. */
  urlOf(c: HttpContext): string
}

/** Who is let into a stream besides its owner. */
export function createMemberRoutes({ streams, members, people, urlOf }: MemberRoutesDeps) {
  const streamOf = (key: string, actor: Actor): StreamRow => streams.find(key, actor)

  // After a change the page is shown anew, which an address with a place in the same page would not do.
  return {
    list: endpoint({
      summary: 'Who is let into a stream besides its owner.',
      tag,
      params: streamParams,
      response: z.array(memberResource),
      example: { response: [MEMBER_EXAMPLE] },
      handle({ c, params, actor }) {
        const { id, key } = streamOf(params.key, actor)
        const list = members.list(id)
        return reply(c, { json: list, fragment: () => <MemberRows streamKey={key} members={list} /> })
      },
    }),
    create: endpoint({
      summary:
        'Lets somebody in: an account by user_id, else whoever holds the personal link, which the answer has once.',
      tag,
      params: streamParams,
      body: memberCreate,
      form: MEMBER_FORM,
      status: 201,
      response: memberResource,
      example: {
        request: { role: 'subscriber', name: MEMBER_EXAMPLE.name, until: '2027-01-31' },
        response: { ...MEMBER_EXAMPLE, link: 'https://weir.example.org/join/Zm9yIGV4YW1wbGU' },
      },
      refusals: ['conflict'],
      invalidFragment: ({ params, errors, typed }) =>
        'user_id' in typed ? (
          <AccountForm streamKey={params.key} people={people()} values={typed} errors={errors} />
        ) : (
          <LinkForm streamKey={params.key} values={typed} errors={errors} />
        ),
      async handle({ c, params, body, actor }) {
        const { member, token } = await members.create(streamOf(params.key, actor), body)
        const location = `/api/streams/${params.key}/members/${member.id}`
        const redirect = `/streams/${params.key}#members`
        if (token === null) return reply(c, { json: member, status: 201, location, redirect, leave: true })
        const link = `${urlOf(c)}/join/${token}`
        if (!wantsHtml(c)) return reply(c, { json: { ...member, link }, status: 201, location })
        const files = c.get('pageFiles') ?? { cssUrl: '', jsUrl: '', iconUrl: '' }
        const page = <LinkOnce name={member.name} link={link} back={redirect} files={files} theme={themeOf(c)} />
        return replyPage(c, page, { status: isHtmx(c) ? 200 : 201, headers: new Headers({ location }) })
      },
    }),
    edit: endpoint({
      summary: 'Change what a member may, until when, or the name of a personal link.',
      tag,
      params: memberParams,
      body: memberPatch,
      form: { ...MEMBER_FORM, name: 'name' },
      response: memberResource,
      example: { request: { until: null }, response: { ...MEMBER_EXAMPLE, until: null } },
      invalidFragment({ c, params, errors, typed }) {
        const member = members.get(streamOf(params.key, c.get('actor')).id, params.mid)
        return <MemberForm streamKey={params.key} member={member} values={typed} errors={errors} />
      },
      async handle({ c, params, body, actor }) {
        const member = await members.edit(streamOf(params.key, actor).id, params.mid, body)
        return reply(c, { json: member, redirect: `/streams/${params.key}`, leave: true })
      },
    }),
    remove: endpoint({
      summary: 'Lets somebody out, at once; a personal link opens nothing any more.',
      tag,
      params: memberParams,
      status: 204,
      async handle({ c, params, actor }) {
        await members.remove(streamOf(params.key, actor).id, params.mid)
        const redirect = `/streams/${params.key}`
        return reply(c, { json: undefined, status: 204, redirect, leave: true })
      },
    }),
  }
}
