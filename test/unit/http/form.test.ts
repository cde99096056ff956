import { describe, expect, test } from 'bun:test'
import { type FormFields, toBody, toTyped } from '../../../src/http/form.ts'
import { parseForm } from '../../../src/http/input.ts'

const table: FormFields = {
  name: 'name',
  port: 'number',
  address: 'text',
  enabled: 'flag',
  allow: 'lines',
  key: 'secret',
  'options.id': 'secret',
  'options.ttl': 'number',
  preset: 'none',
}
const body = (text: string) => toBody(parseForm(text), table)

describe('toBody', () => {
  test.each<[string, string, unknown]>([
    ['numbers', 'port=5000&options.ttl=4', { port: 5000, options: { ttl: 4 } }],
    ['a number with a fraction and spaces', 'port=+0.5+', { port: 0.5 }],
    ['empty clears', 'port=&address=+', { port: null, address: null }],
    ['no number stays text', 'port=80a', { port: '80a' }],
    ['no number in another writing', 'port=0x10&options.ttl=1e3', { port: '0x10', options: { ttl: '1e3' } }],
    ['an empty name is not cleared but refused', 'name=', { name: '' }],
    ['a ticked box after its hidden false', 'enabled=false&enabled=true', { enabled: true }],
    ['an unticked box', 'enabled=false', { enabled: false }],
    ['an unticked box whose hidden field is empty', 'enabled=', { enabled: null }],
    ['a box of no value', 'enabled=on', { enabled: true }],
    ['lines, commas and spaces', 'allow=10.0.0.1%0D%0A10.0.0.0/8,+::1', { allow: ['10.0.0.1', '10.0.0.0/8', '::1'] }],
    ['no lines', 'allow=', { allow: [] }],
    ['an empty secret is kept', 'key=&options.id=', {}],
    ['a secret as it is', 'key=+a+', { key: ' a ' }],
    ['secrets removed', 'key=&remove=key&remove=options.id', { key: null, options: { id: null } }],
    ['only secrets can be removed so', 'remove=name&remove=port', {}],
    ['a parent that is text gives way', 'options=x&remove=options.id', { options: { id: null } }],
    ['what is for the page alone', 'preset=youtube', {}],
    ['unknown fields stay, to be refused', 'colour=red&options.x=1', { colour: 'red', options: { x: '1' } }],
  ])('%s', (_, text, expected) => {
    expect(body(text)).toEqual(expected as Record<string, unknown>)
  })
})

test('what was typed comes back, but for secrets', () => {
  expect(toTyped(parseForm('name=A&port=80a&key=hush&options.id=hush&enabled=false&enabled=true'), table)).toEqual({
    name: 'A',
    port: '80a',
    enabled: 'true',
  })
})
