/**
 * The form of `models/*.json`: botocore's service description, as far as smlocal interprets it. The shapes that AWS's
 * SDKs have too (trait names, `locationName`, `payload`) keep their names.
 */

/** The services whose published models smlocal carries. */
export type ContractName =
  | 'sagemaker'
  | 'sagemaker-runtime'
  | 'logs'
  | 'cloudwatch'
  | 'ecr'
  | 'iam'
  | 'sts'
  | 'application-autoscaling';

/** A use of a shape, as an operation's input or a member of another shape. */
export interface ShapeRef {
  readonly shape: string;
}

/** A member of a structure; `location` says where HTTP carries it when that is not the body. */
export interface MemberRef extends ShapeRef {
  readonly location?: 'header' | 'uri';
  readonly locationName?: string;
}

export interface StructureShape {
  readonly type: 'structure';
  readonly members: Readonly<Record<string, MemberRef>>;
  readonly required?: readonly string[];
  /** The member that is the raw HTTP body. */
  readonly payload?: string;
  /** Exactly one member is set. */
  readonly union?: boolean;
  readonly exception?: boolean;
  readonly error?: {
    readonly httpStatusCode: number;
    /** What the query protocol calls it, where that differs. */
    readonly code?: string;
  };
  readonly sensitive?: boolean;
}

/** The bounds of a length, a size or a value. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  /** AWS never prints the value back. */
  readonly sensitive?: boolean;
}

export interface ListShape extends Bounds {
  readonly type: 'list';
  readonly member: ShapeRef;
}

export interface MapShape extends Bounds {
  readonly type: 'map';
  readonly key: ShapeRef;
  readonly value: ShapeRef;
}

export interface StringShape extends Bounds {
  readonly type: 'string';
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

interface NumberShape extends Bounds {
  readonly type: 'integer' | 'long' | 'float' | 'double';
}

interface PlainShape extends Bounds {
  readonly type: 'boolean' | 'timestamp' | 'blob';
}

/** A shape that has no members of its own. */
export type ScalarShape = StringShape | NumberShape | PlainShape;

export type Shape = StructureShape | ListShape | MapShape | ScalarShape;

/** One operation as the model describes it. */
export interface OperationModel {
  readonly name: string;
  readonly http: {
    readonly method: string;
    readonly requestUri: string;
    /** Of a success; 200 when absent. */
    readonly responseCode?: number;
  };
  readonly input?: ShapeRef;
  readonly output?: ShapeRef;
  readonly errors?: readonly ShapeRef[];
}

/** A whole `models/*.json`. */
export interface ServiceModel {
  readonly metadata: {
    readonly apiVersion: string;
    readonly protocol: 'json' | 'rest-json' | 'smithy-rpc-v2-cbor';
    readonly serviceId: string;
    /** Of AWS JSON. */
    readonly jsonVersion?: string;
    readonly signingName?: string;
    /** There where the service once spoke the query protocol alone, and its errors go on having that one's codes. */
    readonly awsQueryCompatible?: object;
    /** What comes before the dot in `x-amz-target`, of a service that has it. */
    readonly targetPrefix?: string;
  };
  /** Every operation of the service, also those that smlocal does not serve. */
  readonly operationNames: readonly string[];
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}
