import { formatNumber } from '@/shared/lib/format';
import type { FirstPass } from './choices';
import css from './look.module.css';

/** How the names in the file found their images. */
export function Names({ report }: { report: FirstPass }) {
  if (!report.names.length) return null;
  return (
    <section className={css.block} aria-label="Image names">
      <h3>Images were found by</h3>
      <table className={css.joints}>
        <tbody>
          {report.names.map(({ how, title, count, examples }) => (
            <tr key={how}>
              <td className={css.number}>{formatNumber(count)}</td>
              <td>
                {title}
                {how === 'exact' || how === 'number' ? null : (
                  <ul className={css.examples}>
                    {examples.map(({ wanted, found }) => (
                      <li key={wanted}>
                        <code>{wanted}</code> → {found ? <code>{found}</code> : 'not sent'}
                      </li>
                    ))}
                  </ul>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
