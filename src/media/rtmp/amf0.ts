import { RtmpError } from './rtmp-error.ts'

/**
 * AMF 0 values (Action Message Format AMF 0, Adobe 2006), as RTMP commands carry them. Objects are Maps: what a stranger
 * names can never be a property of ours.
 */
export type Amf = number | boolean | string | null | undefined | Amf[] | AmfObject
export type AmfObject = Map<string, Amf>

const NUMBER = 0x00
const BOOLEAN = 0x01
const STRING = 0x02
const OBJECT = 0x03
const NULL = 0x05
const UNDEFINED = 0x06
const ECMA_ARRAY = 0x08
const OBJECT_END = 0x09
const STRICT_ARRAY = 0x0a
const DATE = 0x0b
const LONG_STRING = 0x0c
const UNSUPPORTED = 0x0d

/** More than any encoder nests or sends; a hostile message costs no more than these. */
const MAX_DEPTH = 8
const MAX_VALUES = 1_000

/** Reads all values of a message. @throws RtmpError for what is not AMF 0, or more than anybody sends */
export function fromAmf(bytes: Uint8Array): Amf[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder()
  let at = 0
  let count = 0

  function need(size: number): number {
    const start = at
    if (size > bytes.length - at) throw new RtmpError('an AMF value is cut off')
    at += size
    return start
  }
  const text = (size: number) => decoder.decode(bytes.subarray(need(size), at))
  const shortText = () => text(view.getUint16(need(2)))

  function members(depth: number): AmfObject {
    const object: AmfObject = new Map()
    for (;;) {
      const name = shortText()
      if (name === '' && bytes[at] === OBJECT_END) {
        at++
        return object
      }
      object.set(name, value(depth))
    }
  }

  function value(depth: number): Amf {
    if (++count > MAX_VALUES || depth > MAX_DEPTH) throw new RtmpError('an AMF value is too large')
    const type = bytes[need(1)]
    switch (type) {
      case NUMBER:
        return view.getFloat64(need(8))
      case BOOLEAN:
        return bytes[need(1)] !== 0
      case STRING:
        return shortText()
      case LONG_STRING:
        return text(view.getUint32(need(4)))
      case OBJECT:
        return members(depth + 1)
      case ECMA_ARRAY:
        // Its count is a hint, often wrong; the end marker decides.
        need(4)
        return members(depth + 1)
      case STRICT_ARRAY: {
        const length = view.getUint32(need(4))
        const items: Amf[] = []
        for (let i = 0; i < length; i++) items.push(value(depth + 1))
        return items
      }
      case DATE: {
        const start = need(10)
        return view.getFloat64(start)
      }
      case NULL:
      case UNSUPPORTED:
        return null
      case UNDEFINED:
        return undefined
      default:
        throw new RtmpError(`AMF type ${type} is not known`)
    }
  }

  const values: Amf[] = []
  while (at < bytes.length) values.push(value(0))
  return values
}

/** Writes values one after the other; objects and arrays as what they are, strings up to 65,535 bytes. */
export function toAmf(...values: Amf[]): Uint8Array {
  const encoder = new TextEncoder()
  const parts: Uint8Array[] = []

  function number(type: number, value: number): void {
    const part = new Uint8Array(9)
    part[0] = type
    new DataView(part.buffer).setFloat64(1, value)
    parts.push(part)
  }

  function shortText(value: string): void {
    const bytes = encoder.encode(value)
    parts.push(new Uint8Array([bytes.length >> 8, bytes.length & 0xff]), bytes)
  }

  function write(value: Amf): void {
    if (typeof value === 'number') number(NUMBER, value)
    else if (typeof value === 'boolean') parts.push(new Uint8Array([BOOLEAN, value ? 1 : 0]))
    else if (typeof value === 'string') {
      parts.push(new Uint8Array([STRING]))
      shortText(value)
    } else if (value === null) parts.push(new Uint8Array([NULL]))
    else if (value === undefined) parts.push(new Uint8Array([UNDEFINED]))
    else if (Array.isArray(value)) {
      const head = new Uint8Array(5)
      head[0] = STRICT_ARRAY
      new DataView(head.buffer).setUint32(1, value.length)
      parts.push(head)
      for (const item of value) write(item)
    } else {
      parts.push(new Uint8Array([OBJECT]))
      for (const [name, member] of value) {
        shortText(name)
        write(member)
      }
      parts.push(new Uint8Array([0, 0, OBJECT_END]))
    }
  }

  for (const value of values) write(value)
  return Buffer.concat(parts)
}

/** An object from its members, in order. */
export const amfObject = (members: Record<string, Amf>): AmfObject => new Map(Object.entries(members))
