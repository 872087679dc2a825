/** Grey bars of the height of what is being loaded. */
export function Skeleton({ label, rows }: { readonly label: string; readonly rows: number }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} />
      ))}
    </div>
  );
}
