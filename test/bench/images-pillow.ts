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
  if (Bun.spawnSync(['/usr/bin/python3', '-c', 'import PIL']).exitCode !== 0) return null
  const python = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', '--', '/usr/bin/python3', '-c', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = python.stdout.pipeThrough(new TextDecoderStream()).getReader()
  await lines.read()
  return {
    async thumbnail(path: string): Promise<number> {
      await python.stdin.write(`${path}\n`)
      await python.stdin.flush()
      const { value, done } = await lines.read()
      if (done || !(Number(value) > 0)) throw new Error('Pillow made nothing')
      return Number(value)
    },
    async close(): Promise<void> {
      await python.stdin.end()
      await python.exited
    },
  }
}
