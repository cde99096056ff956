/** Pillow as its users call it: one process, a thumbnail for each line. */
const PROGRAM = `
import io, sys
from PIL import Image
print('ready', flush=True)
for line in sys.stdin:
    picture = Image.open(line.strip())
    picture.thumbnail((400, 400), Image.LANCZOS)
    out = io.BytesIO()
    picture.convert('RGB').save(out, 'JPEG', quality=80)
    print(len(out.getvalue()), flush=True)
`

/** Null where python3 has no Pillow. */
export async function createPillow() {
  if (Bun.spawnSync(['/usr/bin/python3', '-c', 'from PIL import Image']).exitCode !== 0) return null
  const python = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', '/usr/bin/python3', '-c', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const chunks = python.stdout.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  async function line(): Promise<string> {
    while (!rest.includes('\n')) {
      const { value, done } = await chunks.read()
      if (done) throw new Error('Pillow has left')
      rest += value
    }
    const end = rest.indexOf('\n')
    const text = rest.slice(0, end)
    rest = rest.slice(end + 1)
    return text
  }
  await line()
  return {
    async thumbnail(path: string): Promise<void> {
      await python.stdin.write(`${path}\n`)
      await python.stdin.flush()
      const answer = await line()
      if (!(Number(answer) > 0)) throw new Error(`Pillow made nothing: ${answer}`)
    },
    async close(): Promise<void> {
      await python.stdin.end()
      await python.exited
    },
  }
}
