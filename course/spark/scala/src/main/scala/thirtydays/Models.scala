package thirtydays

import java.util.concurrent.atomic.AtomicInteger

import scala.collection.mutable
import scala.jdk.CollectionConverters._

import org.tensorflow.{SavedModelBundle, Tensor}
import org.tensorflow.ndarray.StdArrays
import org.tensorflow.types.{TFloat32, TInt64}

/** Models of this JVM: each folder is loaded once, by the first task that asks. */
object Models {
  private val loaded = mutable.Map.empty[String, SavedModelBundle]
  val loads = new AtomicInteger

  def apply(folder: String): SavedModelBundle = synchronized {
    loaded.getOrElseUpdate(folder, {
      loads.incrementAndGet()
      SavedModelBundle.load(folder, "serve")
    })
  }

  /** The first column of the output, a number for each row: one call of the model. */
  def predict(folder: String, output: String, rows: Seq[Array[Float]]): Seq[Float] = {
    val x = TFloat32.tensorOf(StdArrays.ndCopyOf(rows.toArray))
    try {
      val feed = Map[String, Tensor]("inputs" -> x).asJava
      val result = Models(folder).function("serving_default").call(feed)
      try column(result.get(output).orElseThrow()) finally result.close()
    } finally x.close()
  }

  private def column(tensor: Tensor): Seq[Float] = {
    val first = if (tensor.shape.numDimensions == 1) Array.empty[Long] else Array(0L)
    (0L until tensor.shape.get(0)).map { row =>
      tensor match {
        case floats: TFloat32 => floats.getFloat(row +: first: _*)
        case whole: TInt64 => whole.getLong(row +: first: _*).toFloat
        case other => sys.error(s"no column of ${other.dataType}")
      }
    }
  }
}
