import { describe, expect, test } from 'bun:test'
import { toChallenge } from '../../../src/media/login.ts'

const REALM = 'realm="testrealm@host.com"'
const NONCE = 'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
const REQUEST = { method: 'GET', uri: '/dir/index.html' }

describe('an RTSP login', () => {
  test('Basic, as in RFC 7617 section 2', () => {
    const challenge = toChallenge(['Basic realm="x"'], { username: 'Aladdin', password: 'open sesame' })
    expect(challenge?.answer(REQUEST)).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
  })

  test('Digest with qop, as in RFC 2617 section 3.5; the count goes up', () => {
    const header = `Digest ${REALM}, qop="auth,auth-int", ${NONCE}, opaque="5ccc069c403ebaf9f0171e9517f40e41"`
    const login = { username: 'Mufasa', password: 'Circle Of Life' }
    const challenge = toChallenge(['Basic realm="x"', header], login, () => '0a4f113b')
    const answer = challenge?.answer(REQUEST)
    expect(answer).toContain('response="6629fae49393a05397450978507c4ef1"')
    expect(answer).toContain('qop=auth, nc=00000001, cnonce="0a4f113b", opaque="5ccc069c403ebaf9f0171e9517f40e41"')
    expect(challenge?.answer(REQUEST)).toContain('nc=00000002')
  })

  test('Digest without qop, as in RFC 2069 section 2.4 with its erratum', () => {
    const login = { username: 'Mufasa', password: 'CircleOfLife' }
    const answer = toChallenge([`Digest ${REALM}, ${NONCE}, algorithm=MD5`], login)?.answer(REQUEST)
    expect(answer).toContain('response="1949323746fe6a43ef61f9606e7febea"')
    expect(answer).not.toContain('qop')
  })

  test('a name cannot leave its quotes', () => {
    const answer = toChallenge([`Digest ${REALM}, ${NONCE}`], { username: 'a", uri="x', password: '' })?.answer(REQUEST)
    expect(answer).toContain('username="a\\", uri=\\"x"')
  })

  test.each([
    [[]],
    [['Negotiate']],
    [[`Digest ${REALM}`]],
    [[`Digest ${REALM}, ${NONCE}, algorithm=SHA-256`]],
    [[`Digest ${REALM}, ${NONCE}, qop="auth-int"`]],
  ])('what cannot be answered is no challenge: %j', (headers) => {
    expect(toChallenge(headers, { username: 'a', password: 'b' })).toBeNull()
  })
})
