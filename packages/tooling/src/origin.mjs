/** A package's manifest with where it comes from. npm demands it for provenance. */
export function manifestWithOrigin(manifest, folder, url) {
  return {
    ...manifest,
    repository: { type: 'git', url: `git+${url}.git`, directory: folder },
    homepage: `${url}/tree/main/${folder}#readme`,
    bugs: `${url}/issues`,
  };
}

/**
 * A package's README as it is once the package is published: installed from the registry, by the line that stands there as a
 * comment, and with links where it names documents of the repository.
 */
export function readmeWithOrigin(text, url) {
  return text
    .replace(/<!-- install -->.*?<!-- once it is published: (.+?) -->/s, '```sh\n$1\n```')
    .replaceAll(/`(docs\/[\w.-]+\.md)`/g, (_, path) => `[${path}](${url}/blob/main/${path})`);
}
