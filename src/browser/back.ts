/**
 * A page that the browser kept and shows again (the Back button) is of another time, and perhaps of somebody who has signed
 * out since: it is asked for anew.
 */
export function freshOnReturn(): void {
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload()
  })
}
